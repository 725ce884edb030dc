import Documents

@testable import Base
@testable import Meters
@testable import Publishing

/// A store with one meter, as the fuzz targets of protocols feed it.
func emptyStore(_ settings: MeterSettings) -> MeterStore {
  var store = MeterStore(
    bridge: BridgeState(
      started: WallTime(milliseconds: 0), brokerName: "localhost:1883", baseTopic: "meterbridge",
      broker: BrokerStatus(lastStep: .past)))
  store.configure([settings])
  return store
}

/// Checks what is shown of any meter: documents are JSON, events are lines, and Prometheus sees no series twice.
func look(_ store: MeterStore, at now: Instant) {
  requireObject(MeterList(store, now: now).whole())
  for meter in store.meters {
    if let document = store.meterDocument(meter.id, now: now) { requireObject(document) }
    if let telegram = store.telegramDocument(meter.id) { requireObject(telegram) }
  }
  var stream = EventStream()
  let events = stream.next(store, now: now).split(separator: 0x0A, omittingEmptySubsequences: false)
  // The name, the data, and the blank line behind them.
  precondition(events.count % 3 == 1, "an event with a line too many")
  for format in [MetricsFormat.text, .openMetrics] {
    var series: Set<Substring> = []
    for line in String(decoding: MetricsPage(store, format: format).whole(), as: UTF8.self).split(separator: "\n") {
      guard !line.hasPrefix("#"), let blank = line.lastIndex(of: " ") else { continue }
      precondition(series.insert(line[..<blank]).inserted, "a series comes twice")
      precondition(Double(line[line.index(after: blank)...]) != nil, "a sample is not a number")
    }
  }
}
