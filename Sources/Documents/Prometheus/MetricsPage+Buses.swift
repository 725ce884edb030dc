internal import Base
internal import Decoders
internal import Meters

extension MetricsText {
  /// What has happened on each M-Bus.
  mutating func write(_ buses: [(source: String, statistics: MBusStatistics)]) {
    guard !buses.isEmpty else { return }
    let up = family("meterbridge_bus_up", .gauge, help: "Whether any meter of an M-Bus answers")
    for bus in buses { sample(up, bus.statistics.condition == .good ? 1 : 0, [("source", bus.source)]) }
    let counters: [(name: String, help: String, value: KeyPath<MBusStatistics, Int>)] = [
      ("requests", "Frames sent on an M-Bus", \.requests),
      ("answers", "Acknowledgements and telegrams that were expected", \.answers),
      ("retries", "Requests that were repeated", \.retries),
      ("doubled", "Copies of datagrams, which are dropped", \.doubled),
      ("line_errors", "Pieces of bytes that are not a frame", \.lineErrors),
    ]
    for counter in counters {
      let name = family("meterbridge_bus_\(counter.name)", .counter, help: counter.help)
      for bus in buses { sample(name, bus.statistics[keyPath: counter.value], [("source", bus.source)]) }
    }
    let timed = buses.filter { $0.statistics.round != nil }
    guard !timed.isEmpty else { return }
    let round = family(
      "meterbridge_bus_round_seconds", .gauge, unit: "seconds", help: "Time on the bus to read each meter once")
    for bus in timed {
      sample(round, FixedDecimal(bus.statistics.round?.count ?? 0, exponent: -3), [("source", bus.source)])
    }
  }
}
