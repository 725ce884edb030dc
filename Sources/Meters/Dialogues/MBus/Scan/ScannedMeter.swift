package import Decoders

/// A meter that a scan has found.
package struct ScannedMeter: Equatable, Sendable {
  /// Its answer to REQ_UD2: the first telegram of a readout.
  package let frame: [UInt8]
  package let sender: MBusSender
  /// The speed at which it answered, in bits a second.
  package let baud: Int
  /// Its fabrication number if the telegram has one, as digits.
  package let fabricationNumber: String?
  /// Whether it answered when it was selected by its secondary address.
  package internal(set) var isSelectable: Bool

  init(frame: [UInt8], sender: MBusSender, baud: Int, isSelectable: Bool) {
    self.frame = frame
    self.sender = sender
    self.baud = baud
    self.isSelectable = isSelectable
    var telegrams: [Telegram] = []
    var decoder = MBusDecoder()
    try? decoder.decode(frame.span, into: &telegrams)
    let records = (telegrams.first?.content as? MBusContent)?.records ?? []
    fabricationNumber =
      records.lazy.compactMap { record -> String? in
        guard record.quantity == .fabricationNumber, record.storage == 0, case .digits(let range) = record.value else {
          return nil
        }
        return frame[range.indices].reversed().map { byte in
          String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
        }.joined()
      }.first
  }

  /// Whether two answers are of the same meter.
  func isSame(as other: ScannedMeter) -> Bool {
    guard sender.identity.count == 8 || sender.identity == other.sender.identity else { return false }
    guard !sender.identity.isEmpty else { return sender.address == other.sender.address }
    // Some answer a selection with their primary address, others with FD.
    let isOneAddress = sender.address == other.sender.address || max(sender.address, other.sender.address) > 250
    return sender.identity == other.sender.identity && fabricationNumber == other.fabricationNumber
      && (fabricationNumber != nil || isOneAddress)
  }

  /// The digits of its number, lowest first; nil without a header that names it.
  var digits: [UInt8]? {
    guard sender.identity.count >= 4 else { return nil }
    return sender.identity.prefix(4).flatMap { [$0 & 15, $0 >> 4] }
  }
}
