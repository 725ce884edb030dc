/// What is known of a meter family beyond its protocol. Written once, in the family's own file.
struct MeterFamily: Sendable {
  /// Which M-Bus headers are of this family.
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
  }

  /// What a record becomes where that is not what the standard says, nil where it is. The context has the other records.
  typealias Rename = @Sendable (MBusNaming, MBusRecord, MBusContext) -> MBusNaming?

  /// As `profile:` in the configuration names it: lower case letters and digits.
  var name: StaticString
  /// The maker's name for it, as Home Assistant shows it.
  var modelName: StaticString
  /// By which it is recognised; nil where it must be configured.
  var headers: MBusHeaders?
  /// Changes how one record is named; nil where the family keeps to its protocol.
  var rename: Rename?

  /// Whether a telegram with this header is of the family.
  func matches(_ header: MBusHeader) -> Bool {
    guard let headers else { return false }
    return headers.manufacturer == header.manufacturer & 0x7FFF && headers.version == header.version
      && headers.media.contains(header.medium)
  }
}
