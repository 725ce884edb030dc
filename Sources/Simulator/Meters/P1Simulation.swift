internal import Base
internal import Meters

/// A customer port: a telegram each interval, with faults on the line.
struct P1Simulation: LineSimulation {
  /// The fate of one telegram.
  enum Fault: Equatable, Sendable {
    /// It arrives whole.
    case none
    /// One digit of a value is wrong; the checksum stays.
    case badChecksum
    /// It ends after so many bytes.
    case cut(Int)
    /// Noise before it.
    case noise([UInt8])
    /// It stops after so many bytes and starts again.
    case restart(Int)
    /// It is lost.
    case silent
  }

  var meter: SimulatedP1Meter
  /// The fates of the next telegrams, in order.
  var faults: [Fault]
  /// From the reader's arrival to the first telegram.
  private let phase: Milliseconds
  private var due: Instant?

  init(_ meter: SimulatedP1Meter, faults: [Fault] = [], phase: Milliseconds = 0) {
    self.meter = meter
    self.faults = faults
    self.phase = phase
  }

  var line: LineSettings { meter.dialect.line }
  var wakes: Instant? { due }

  mutating func due(at moment: SimulatedMoment) -> [Transmission] {
    let due = due ?? moment.now + phase
    self.due = due
    guard moment.now >= due else { return [] }
    let interval = meter.dialect.interval
    // A missed telegram is not sent later.
    let late = (moment.now - due).count / interval.count
    self.due = due + Milliseconds((late + 1) * interval.count)
    let telegram = meter.telegram(at: moment.world)
    return [Transmission(bytes: damaged(telegram), start: moment.now)]
  }

  /// A P1 meter only sends.
  mutating func receive(_ bytes: [UInt8], at moment: SimulatedMoment) -> [Transmission] { [] }

  mutating func listenerLeft() { due = nil }

  private mutating func damaged(_ telegram: [UInt8]) -> [UInt8] {
    guard !faults.isEmpty else { return telegram }
    switch faults.removeFirst() {
    case .none: return telegram
    case .badChecksum:
      var bytes = telegram
      // The last digit before the last unit.
      if let unit = bytes.lastIndex(of: 0x2A), unit > 0 { bytes[unit - 1] ^= 1 }
      return bytes
    case .cut(let count): return Array(telegram.prefix(count))
    case .noise(let noise): return noise + telegram
    case .restart(let count): return telegram.prefix(count) + telegram
    case .silent: return []
    }
  }
}
