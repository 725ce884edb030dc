/// The peculiarities of a meter family. Each family is a type without values in a file of its own.
protocol MeterFamily: Sendable {
  /// Its name in `profile:`: lower case letters and digits.
  static var name: StaticString { get }
  /// The maker's name for it, for Home Assistant. A telegram that names the very model goes before it.
  static var modelName: StaticString { get }
  /// Its M-Bus headers; empty if users must configure the profile.
  static var headers: [MBusHeaders] { get }
  /// Its sets of data: the name of each in `readout:`, and the CI that chooses it for the next readout.
  static var dataSets: [(name: String, information: UInt8)] { get }
  /// The quantities whose plain records `rename` may change: they have a name by their quantity alone, and no error. About
  /// all other records it is always asked. Nil for all quantities.
  static var plainQuantities: [MBusQuantity]? { get }
  /// Whether `rewrite` changes anything.
  static var rewritesKeys: Bool { get }
  /// Changes the key that the standard gives a record, where key and name alone differ: the unit stays. Before `rename`.
  static func rewrite(_ key: inout FieldKey)
  /// Changes the field of a record where it differs from the standard. `naming` comes as the standard's field. It is changed
  /// in place: a copy of it, just written, would have to wait until it has reached the cache.
  static func rename(_ naming: inout MBusNaming, _ record: MBusRecord, _ context: MBusContext)
  /// Whether the text of a record is the model, beside that of the standard's record for it (FD 0C).
  static func namesModel(_ record: MBusRecord, _ context: MBusContext) -> Bool
}

extension MeterFamily {
  static var headers: [MBusHeaders] { [] }
  static var dataSets: [(name: String, information: UInt8)] { [] }

  static var plainQuantities: [MBusQuantity]? { nil }
  static var rewritesKeys: Bool { false }

  static func rewrite(_ key: inout FieldKey) {}

  static func rename(_ naming: inout MBusNaming, _ record: MBusRecord, _ context: MBusContext) {}

  static func namesModel(_ record: MBusRecord, _ context: MBusContext) -> Bool { false }
}

/// M-Bus headers of one family. There is no array in it: every telegram is held against all of them.
struct MBusHeaders: Sendable {
  /// FLAG letters, packed.
  var manufacturer: UInt16
  var versions: ClosedRange<UInt8>
  /// A bit for each medium below 64.
  var media: UInt64

  /// The headers of one maker and version with any of these media.
  init(_ letters: StaticString, version: UInt8, media: [UInt8]) {
    self.init(letters, versions: version...version, media: media)
  }

  /// The same for versions that follow each other.
  init(_ letters: StaticString, versions: ClosedRange<UInt8>, media: [UInt8]) {
    manufacturer = Self.code(letters)
    self.versions = versions
    self.media = media.reduce(0) { $0 | 1 << UInt64($1) }
  }

  /// Three letters, packed; 0 for anything else.
  static func code(_ letters: StaticString) -> UInt16 {
    let text = Array(letters.description.utf8)
    return text.count == 3 ? MeterIdentity.manufacturer(text[0], text[1], text[2]) ?? 0 : 0
  }

  /// A bit for a maker, without the top bit; few others have the same. A set of bits tells what a table lacks.
  @inline(__always)
  static func bit(_ manufacturer: UInt16) -> UInt128 { 1 &<< UInt128(manufacturer & 127) }

  func match(_ header: MBusHeader) -> Bool {
    manufacturer == header.manufacturer & 0x7FFF && versions.contains(header.version)
      && media >> UInt64(header.medium) & 1 == 1
  }
}

extension [MBusHeaders] {
  /// Heat meters at either pipe, also those that count cooling.
  static func heatMeter(_ letters: StaticString, versions: ClosedRange<UInt8>) -> [MBusHeaders] {
    [MBusHeaders(letters, versions: versions, media: [0x04, 0x0A, 0x0B, 0x0C, 0x0D])]
  }

  /// Electricity meters.
  static func electricityMeter(_ letters: StaticString, versions: ClosedRange<UInt8>) -> [MBusHeaders] {
    [MBusHeaders(letters, versions: versions, media: [0x02])]
  }
}
