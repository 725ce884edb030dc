internal import Base

/// A fake meter that answers a request with records.
protocol SimulatedMBusMeter: Sendable {
  var identity: MBusIdentity { get }
  /// Bytes of maker's data at the end of a readout.
  var manufacturerData: [UInt8] { get }
  /// The records of a moment. The first readout shows the start values.
  mutating func records(at time: WallTime) -> [SimulatedRecord]
}

extension SimulatedMBusMeter {
  var manufacturerData: [UInt8] { [] }
}
