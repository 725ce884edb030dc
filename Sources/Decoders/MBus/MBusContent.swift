/// An M-Bus telegram as on the wire. It has 24 bytes, so that `any TelegramContent` needs no memory of its own for it.
package struct MBusContent: TelegramContent {
  package let header: MBusHeader
  /// One byte, where an optional would have two.
  private let profileIndex: UInt8
  package let records: [MBusRecord]

  init(header: MBusHeader, records: [MBusRecord], profile: Profile?) {
    self.header = header
    profileIndex = profile?.index ?? .max
    self.records = records
  }

  /// The family that its reading was made by.
  package var profile: Profile? { profileIndex == .max ? nil : Profile(index: Int(profileIndex)) }

  /// The telegram's bytes with the least significant byte of every number first, as all that reads them expects it.
  package func ordered(_ bytes: [UInt8]) -> [UInt8] {
    guard header.structure == .reversed else { return bytes }
    var ordered = bytes
    for record in records where record.kind == .data {
      // Data of variable length begins with its length.
      let isVariable = bytes[Int(record.dib.start)] & 15 == 13
      let places = record.data.indices.dropFirst(isVariable ? 1 : 0)
      for (place, other) in zip(places, places.reversed()) { ordered[place] = bytes[other] }
    }
    return ordered
  }
}
