/// The peculiarities of a meter family. Each family is a type without values in a file of its own.
protocol MeterFamily: Sendable {
  /// Its name in `profile:`: lower case letters and digits.
  static var name: StaticString { get }
  /// The maker's name for it, for Home Assistant.
  static var modelName: StaticString { get }
  /// Its M-Bus headers; nil if users must configure the profile.
  static var headers: MBusHeaders? { get }
  /// Its sets of data: the name of each in `readout:`, and the CI that chooses it for the next readout.
  static var dataSets: [(name: String, information: UInt8)] { get }
  /// The field of a record if it differs from the standard, else nil. `naming` is the standard's field.
  static func rename(_ naming: MBusNaming, _ record: MBusRecord, _ context: MBusContext) -> MBusNaming?
}

extension MeterFamily {
  static var headers: MBusHeaders? { nil }
  static var dataSets: [(name: String, information: UInt8)] { [] }

  static func rename(_ naming: MBusNaming, _ record: MBusRecord, _ context: MBusContext) -> MBusNaming? { nil }
}

/// The M-Bus headers of one family.
struct MBusHeaders: Sendable {
  /// FLAG letters, packed.
  var manufacturer: UInt16
  var version: UInt8
  var media: [UInt8]

  /// The headers of one maker and version with any of these media.
  init(_ letters: StaticString, version: UInt8, media: [UInt8]) {
    let text = Array(letters.description.utf8)
    manufacturer = text.count == 3 ? MeterIdentity.manufacturer(text[0], text[1], text[2]) ?? 0 : 0
    self.version = version
    self.media = media
  }

  func match(_ header: MBusHeader) -> Bool {
    manufacturer == header.manufacturer & 0x7FFF && version == header.version && media.contains(header.medium)
  }
}
