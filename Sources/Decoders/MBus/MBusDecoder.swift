/// Decodes the answers of M-Bus meters on a wire (EN 13757-2): its link layer, and the application layer in it.
///
/// Every frame is a whole telegram. `moreRecordsFollow` announces further telegrams of a readout, and `join` makes one of
/// them.
package struct MBusDecoder: MeterDecoder {
  /// The CI field of a long frame, and the bytes behind its data.
  private static let informationAt = 6
  private static let trailer = 2

  private let application: MBusApplication

  /// - Parameter profile: nil to recognise the family by the header of each telegram.
  package init(profile: Profile? = nil) { application = MBusApplication(profile: profile, doubtsEncryption: true) }

  /// Decodes one link frame into one telegram.
  ///
  /// Throws the errors of a link frame and of `MBusApplication.read`, and these:
  /// - `notAnAnswer`: a frame from a master.
  /// - `unsupported`: another kind of frame.
  package mutating func decode(_ frame: Span<UInt8>, into telegrams: inout [Telegram]) throws(DecodeError) {
    try Self.checkLink(frame)
    let message = try application.read(
      [UInt8](frame), from: Self.informationAt, to: frame.count - Self.trailer,
      link: MBusHeader(primaryAddress: frame[5]))
    telegrams.append(message.telegram(.checkValue))
  }

  /// Every frame is a whole telegram.
  package mutating func finish(into telegrams: inout [Telegram]) throws(DecodeError) {}

  /// A whole, sound long frame with data from a meter.
  private static func checkLink(_ frame: Span<UInt8>) throws(DecodeError) {
    try MBusLink.check(frame)
    guard frame.count > 1 else { throw DecodeError(.unsupported, at: 0, found: Int(frame[0])) }
    let controlAt = frame[0] == MBusLink.longStart ? 4 : 1
    let control = frame[controlAt]
    guard control & 0x40 == 0 else { throw DecodeError(.notAnAnswer, at: controlAt, found: Int(control)) }
    guard frame[0] == MBusLink.longStart else { throw DecodeError(.unsupported, at: 0, found: Int(frame[0])) }
  }
}
