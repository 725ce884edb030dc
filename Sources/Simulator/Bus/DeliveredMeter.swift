internal import Base
internal import Decoders

/// A meter as it was delivered: with a number of its own, and perhaps a fabrication number beside it.
struct DeliveredMeter: SimulatedMBusMeter {
  let identity: MBusIdentity
  private var meter: any SimulatedMBusMeter
  /// Eight digits, BCD; nil without.
  let fabricationNumber: UInt32?
  /// Its values stand still: nothing is used, as in a flat that is empty.
  private let standsStill: Bool
  private var standing: [SimulatedRecord]?

  /// - Parameters:
  ///   - meter: a meter of its kind.
  ///   - identification: eight digits, BCD.
  ///   - fabricationNumber: the same, if it sends one.
  ///   - standsStill: whether nothing is used.
  init(_ meter: some SimulatedMBusMeter, identification: UInt32, fabricationNumber: UInt32?, standsStill: Bool) {
    var identity = meter.identity
    identity.identification = identification
    self.identity = identity
    self.meter = meter
    self.fabricationNumber = fabricationNumber
    self.standsStill = standsStill
  }

  var manufacturerData: [UInt8] { meter.manufacturerData }

  mutating func records(at time: WallTime) -> [SimulatedRecord] {
    if let standing { return standing }
    var records = meter.records(at: time)
    if let fabricationNumber {
      let digits = String(fabricationNumber, radix: 16)
      records.insert(SimulatedRecord(.bcd8, [0x78], Int64(digits) ?? 0), at: 0)
    }
    if standsStill { standing = records }
    return records
  }
}
