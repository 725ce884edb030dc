/// One frame of the M-Bus link layer (EN 13757-2, format class FT 1.2).
public enum MBusFrame: Hashable, Sendable {
  /// The single byte E5.
  case acknowledge
  /// Five bytes without data: `10 C A CS 16`.
  case short(control: UInt8, address: UInt8)
  /// `68 L L 68 C A CI data CS 16`; a control frame is one without data.
  case long(control: UInt8, address: UInt8, information: UInt8, data: [UInt8])

  /// Reads exactly one frame.
  ///
  /// Throws `truncated`, `lengthMismatch`, `badFrame` (start, second start or stop byte) or `checksumMismatch`.
  public init(parsing bytes: Span<UInt8>) throws(DecodeError) {
    switch MBusLink.examine(bytes, from: 0, to: bytes.count) {
    case .frame(let count):
      guard count == bytes.count else {
        throw DecodeError(.lengthMismatch, at: 0, expected: count, found: bytes.count)
      }
    case .incomplete(let missing):
      throw DecodeError(.truncated, at: bytes.count, expected: missing, found: 0)
    case .broken(let error, _): throw error
    case .none: throw DecodeError(.badFrame, at: 0, expected: 0x68, found: Int(bytes[0]))
    }
    switch bytes[0] {
    case MBusLink.acknowledge: self = .acknowledge
    case MBusLink.shortStart: self = .short(control: bytes[1], address: bytes[2])
    default:
      var data: [UInt8] = []
      data.reserveCapacity(bytes.count - 9)
      for index in 7..<bytes.count - 2 { data.append(bytes[index]) }
      self = .long(control: bytes[4], address: bytes[5], information: bytes[6], data: data)
    }
  }

  /// The frame as it goes over the line. Data beyond the 252 bytes that a frame can carry is left out.
  public var bytes: [UInt8] {
    switch self {
    case .acknowledge: [MBusLink.acknowledge]
    case .short(let control, let address):
      [MBusLink.shortStart, control, address, control &+ address, MBusLink.stop]
    case .long(let control, let address, let information, let data):
      Self.long([control, address, information] + data.prefix(MBusLink.dataLimit))
    }
  }

  private static func long(_ content: [UInt8]) -> [UInt8] {
    let length = UInt8(truncatingIfNeeded: content.count)
    let sum = content.reduce(UInt8(0), &+)
    return [MBusLink.longStart, length, length, MBusLink.longStart] + content + [sum, MBusLink.stop]
  }
}

/// The fixed bytes of the link layer, and the one place that knows where a frame ends.
enum MBusLink {
  static let acknowledge: UInt8 = 0xE5
  static let shortStart: UInt8 = 0x10
  static let longStart: UInt8 = 0x68
  static let stop: UInt8 = 0x16
  /// Bytes after the CI field that one frame can carry.
  static let dataLimit = 252

  /// What begins at a byte.
  enum Examination {
    /// A frame of that many bytes whose ends and checksum hold.
    case frame(Int)
    /// A frame so far; at least that many bytes are missing.
    case incomplete(Int)
    /// The beginning of a frame that is none; offset from its first byte. `extent` is its length where both copies of
    /// the length agree, else 0.
    case broken(DecodeError, extent: Int)
    /// No frame begins with this byte.
    case none
  }

  /// What begins at byte `start`, judged by the bytes before `end`.
  static func examine(_ bytes: Span<UInt8>, from start: Int, to end: Int) -> Examination {
    guard start < end else { return .incomplete(1) }
    switch bytes[start] {
    case acknowledge: return .frame(1)
    case shortStart: return examineShort(bytes, from: start, to: end)
    case longStart: return examineLong(bytes, from: start, to: end)
    default: return .none
    }
  }

  private static func examineShort(_ bytes: Span<UInt8>, from start: Int, to end: Int) -> Examination {
    guard end - start >= 5 else { return .incomplete(5 - (end - start)) }
    guard bytes[start + 4] == stop else {
      let error = DecodeError(.badFrame, at: 4, expected: Int(stop), found: Int(bytes[start + 4]))
      return .broken(error, extent: 0)
    }
    let sum = bytes[start + 1] &+ bytes[start + 2]
    guard sum == bytes[start + 3] else {
      let error = DecodeError(.checksumMismatch, at: 3, expected: Int(bytes[start + 3]), found: Int(sum))
      return .broken(error, extent: 0)
    }
    return .frame(5)
  }

  private static func examineLong(_ bytes: Span<UInt8>, from start: Int, to end: Int) -> Examination {
    let present = end - start
    guard present >= 2 else { return .incomplete(9 - present) }
    let length = Int(bytes[start + 1])
    guard length >= 3 else {
      return .broken(DecodeError(.lengthMismatch, at: 1, expected: 3, found: length), extent: 0)
    }
    guard present >= 3 else { return .incomplete(length + 6 - present) }
    guard bytes[start + 2] == bytes[start + 1] else {
      let error = DecodeError(.lengthMismatch, at: 2, expected: length, found: Int(bytes[start + 2]))
      return .broken(error, extent: 0)
    }
    guard present >= 4 else { return .incomplete(length + 6 - present) }
    guard bytes[start + 3] == longStart else {
      let error = DecodeError(.badFrame, at: 3, expected: Int(longStart), found: Int(bytes[start + 3]))
      return .broken(error, extent: 0)
    }
    guard present >= length + 6 else { return .incomplete(length + 6 - present) }
    let last = start + length + 5
    guard bytes[last] == stop else {
      let error = DecodeError(.badFrame, at: length + 5, expected: Int(stop), found: Int(bytes[last]))
      return .broken(error, extent: length + 6)
    }
    var sum: UInt8 = 0
    for index in start + 4..<last - 1 { sum &+= bytes[index] }
    guard sum == bytes[last - 1] else {
      let error = DecodeError(.checksumMismatch, at: length + 4, expected: Int(bytes[last - 1]), found: Int(sum))
      return .broken(error, extent: length + 6)
    }
    return .frame(length + 6)
  }
}
