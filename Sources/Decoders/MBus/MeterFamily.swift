/// What is known of a meter family beyond its protocol. Written once, in the family's own file, as a type without values.
protocol MeterFamily: Sendable {
  /// As `profile:` in the configuration names it: lower case letters and digits.
  static var name: StaticString { get }
  /// The maker's name for it, as Home Assistant shows it.
  static var modelName: StaticString { get }
  /// What its M-Bus headers look like; nil where it must be configured.
  static var headers: MBusHeaders? { get }
  /// What a record becomes where that is not what the standard says; nil where it is. `naming` is what the standard says,
  /// the context has the other records.
  static func rename(_ naming: MBusNaming, _ record: MBusRecord, _ context: MBusContext) -> MBusNaming?
}

extension MeterFamily {
  static var headers: MBusHeaders? { nil }

  static func rename(_ naming: MBusNaming, _ record: MBusRecord, _ context: MBusContext) -> MBusNaming? { nil }
}

/// Which M-Bus headers are of one family.
struct MBusHeaders: Sendable {
  /// FLAG letters, packed.
  var manufacturer: UInt16
  var version: UInt8
  var media: [UInt8]

  /// Headers of one maker, version and any of these media.
  init(_ letters: StaticString, version: UInt8, media: [UInt8]) {
    let text = Array(letters.description.utf8)
    manufacturer = text.count == 3 ? MeterIdentity.manufacturer(text[0], text[1], text[2]) ?? 0 : 0
    self.version = version
    self.media = media
  }

  /// Whether a telegram with this header is of the family.
  func match(_ header: MBusHeader) -> Bool {
    manufacturer == header.manufacturer & 0x7FFF && version == header.version && media.contains(header.medium)
  }
}
