internal import Decoders

/// A meter's own number, and the place in its telegrams that it comes from.
package struct MeterNumber: Hashable, Sendable {
  package var text: String
  /// `MeterIdentity.numberRank`. Numbers of different places are not compared.
  package var rank: UInt8

  package init(_ text: String, rank: UInt8) {
    self.text = text
    self.rank = rank
  }
}

extension MeterNumber {
  /// The number in a reading; nil without one.
  init?(_ reading: Reading) {
    guard let text = reading.meterNumber else { return nil }
    self.init(text, rank: reading.meter.numberRank)
  }
}
