/// Header of an M-Bus answer, as the numbers on the wire. They become text only when printed.
///
/// Behind CI 72, the least significant byte of each number first:
///
///     I I I I M M V D A S C C
///     I  identification: eight digits, four bits each; BCD in most meters
///     M  manufacturer: 0 or 1 (not unique in the world), then three letters of five bits each, A = 1
///     V  version of the meter, the maker's own number
///     D  medium, the standard's device type
///     A  access number: counts the answers
///     S  status: three flags of the maker's, temporary error, permanent error, low power, two bits of application state
///     C  configuration word: encryption, in older meters a signature
package struct MBusHeader: Hashable, Sendable, BitwiseCopyable {
  /// The data structure behind the header.
  package enum Structure: UInt8, Sendable, BitwiseCopyable {
    /// CI 72: twelve bytes of header, then records.
    case variable
    /// CI 73: two counters. The header lacks manufacturer and version.
    case fixed
    /// CI 76: as `variable`, the most significant byte of each number first (mode 2 of EN 1434-3).
    case reversed
    /// CI 7A: access number, status and configuration word, then records. It does not say who the meter is.
    case short
    /// CI 78: records only.
    case none

    /// The table of the CI fields with records; nil for any other.
    init?(information: UInt8) {
      switch information {
      case 0x72: self = .variable
      case 0x76: self = .reversed
      case 0x78: self = .none
      case 0x7A: self = .short
      default: return nil
      }
    }

    /// Bytes in front of the records.
    var length: Int {
      switch self {
      case .variable, .reversed: 12
      case .fixed, .none: 0
      case .short: 4
      }
    }
  }

  // In this order it takes 15 bytes, as `MBusContent` needs it.

  /// Eight digits, four bits each; BCD in most meters.
  package var identification: UInt32
  /// Three letters, five bits each; the top bit marks an identification that is not unique in the world.
  package var manufacturer: UInt16
  /// Configuration word, in older meters a signature.
  package var configuration: UInt16
  package var structure: Structure
  /// Primary address the answer came from.
  package var address: UInt8
  /// The maker's version of the meter.
  package var version: UInt8
  /// Code of the medium in the variable structure, also for a fixed one.
  package var medium: UInt8
  /// Counts the answers; a repeat has the same.
  package var accessNumber: UInt8
  /// Flags of the meter's state.
  package var status: UInt8
  /// The link layer names the meter in full, as that of wireless M-Bus does.
  package var isNamedByLink: Bool

  init(
    structure: Structure, isNamedByLink: Bool = false, address: UInt8, identification: UInt32, manufacturer: UInt16,
    version: UInt8, medium: UInt8, accessNumber: UInt8, status: UInt8, configuration: UInt16
  ) {
    self.structure = structure
    self.isNamedByLink = isNamedByLink
    self.address = address
    self.identification = identification
    self.manufacturer = manufacturer
    self.version = version
    self.medium = medium
    self.accessNumber = accessNumber
    self.status = status
    self.configuration = configuration
  }

  /// The three letters, unchecked: `@@@` for an empty code.
  package var manufacturerLetters: String {
    String(
      decoding: [manufacturer >> 10 & 31, manufacturer >> 5 & 31, manufacturer & 31].map {
        UInt8(truncatingIfNeeded: $0) + 0x40
      }, as: UTF8.self)
  }
}

extension MBusHeader {
  static let variableLength = Structure.variable.length
  /// The code of a medium that the telegram does not name.
  private static let unknownMedium: UInt8 = 0x0F

  /// Whether the telegram says who the meter is.
  package var hasIdentification: Bool { isNamedByLink || structure != .short && structure != .none }

  /// Whether it names maker and version too.
  package var hasMaker: Bool { isNamedByLink || structure == .variable || structure == .reversed }

  /// What the link layer of a wire tells of the sender.
  init(primaryAddress: UInt8) {
    self.init(
      structure: .none, address: primaryAddress, identification: 0, manufacturer: 0, version: 0,
      medium: Self.unknownMedium, accessNumber: 0, status: 0, configuration: 0)
  }

  /// The header in front of records. A short header, or none, leaves the sender that the link layer tells.
  init(
    _ structure: Structure, _ frame: Span<UInt8>, at start: Int, to end: Int, link: MBusHeader
  ) throws(DecodeError) {
    switch structure {
    case .variable, .fixed: try self.init(variable: frame, at: start, to: end, link: link)
    case .reversed:
      try self.init(variable: frame, at: start, to: end, link: link)
      self.structure = .reversed
      identification = identification.byteSwapped
      manufacturer = manufacturer.byteSwapped
      configuration = configuration.byteSwapped
    case .short, .none:
      guard end - start >= structure.length else {
        throw DecodeError(.truncated, at: end, expected: structure.length, found: end - start)
      }
      self = link
      self.structure = structure
      guard structure == .short else { return }
      accessNumber = frame[start]
      status = frame[start + 1]
      configuration = UInt16(frame[start + 2]) | UInt16(frame[start + 3]) << 8
    }
  }

  /// The header behind CI 72.
  init(variable frame: Span<UInt8>, at start: Int, to end: Int, link: MBusHeader) throws(DecodeError) {
    guard end - start >= Self.variableLength else {
      throw DecodeError(.truncated, at: end, expected: Self.variableLength, found: end - start)
    }
    structure = .variable
    address = link.address
    isNamedByLink = link.isNamedByLink
    identification =
      UInt32(frame[start]) | UInt32(frame[start + 1]) << 8 | UInt32(frame[start + 2]) << 16
      | UInt32(frame[start + 3]) << 24
    manufacturer = UInt16(frame[start + 4]) | UInt16(frame[start + 5]) << 8
    version = frame[start + 6]
    medium = frame[start + 7]
    accessNumber = frame[start + 8]
    status = frame[start + 9]
    configuration = UInt16(frame[start + 10]) | UInt16(frame[start + 11]) << 8
  }

  /// Whether the configuration word announces encrypted records (security modes 5 and 7 of OMS). Some
  /// meters on a wire announce it for plain records too, and older ones have a signature there.
  var announcesEncryption: Bool {
    let mode = configuration >> 8 & 31
    return (mode == 5 || mode == 7) && configuration & 0xF0 != 0
  }
}

extension MBusHeader {
  /// The flags of `status` by name, joined by `+`; `ok` if all are clear.
  ///
  /// The lowest two bits are one number (1 busy, 2 application error, 3 abnormal), 2 is low power, 3 a permanent and 4 a
  /// temporary error; the top three are the maker's. In a fixed structure the lowest two say how the counters are written.
  var statusBytes: [UInt8] { Self.statusTexts[Int(structure == .fixed ? status & 0xFC : status)] }

  private static let statusTexts: [[UInt8]] = (0...255).map { status in
    var flags = status & 3 == 0 ? [] : [["busy", "application_error", "abnormal"][(status & 3) - 1]]
    if status & 0x04 != 0 { flags.append("power_low") }
    if status & 0x08 != 0 { flags.append("permanent_error") }
    if status & 0x10 != 0 { flags.append("temporary_error") }
    for bit in 5..<8 where status & 1 << bit != 0 { flags.append("manufacturer_\(bit)") }
    return Array((flags.isEmpty ? "ok" : flags.joined(separator: "+")).utf8)
  }
}
