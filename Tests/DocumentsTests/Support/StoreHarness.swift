import Base
import Decoders
import Documents
import TestSupport

@testable import Meters
@testable import Publishing

/// A store with a clock of its own, and meters that speak in names of the vocabulary.
struct StoreHarness {
  var store: MeterStore
  var now = Instant(milliseconds: 1_000_000)
  /// Those of `health`.
  var buses: [(source: String, statistics: MBusStatistics)] = []
  var doubled = 0
  private var numbers: [String: Int64] = [:]

  /// The moment that all tests begin at.
  static let start = WallTime(milliseconds: 1_795_172_400_000)

  init(_ ids: String..., known: [Device] = []) {
    store = MeterStore(
      bridge: BridgeState(
        started: Self.start, brokerName: "localhost:1883", baseTopic: "meterbridge",
        broker: BrokerStatus(lastStep: Instant(milliseconds: 0))))
    store.configure(ids.map { meter($0) }, known: known)
  }

  var wall: WallTime { WallTime(milliseconds: Self.start.milliseconds + now.milliseconds - 1_000_000) }

  /// Takes what a meter's telegram says, as the loop does. A text after a key is its payload.
  mutating func send(
    _ id: String, _ values: [(FieldKey, String)], unit: Unit? = nil, held: [String] = [], device: Device? = nil
  ) {
    let device = device ?? Device(id: id, manufacturer: "XYZ", serial: "42", medium: .electricity, protocolName: "p1")
    let fields = values.map { key, payload in
      PublishedField(
        field: described(
          key, unit, isNumber: FixedDecimal(plain: payload) != nil && key.name.entry.deviceClass.description != "enum"),
        payload: payload)
    }
    numbers[id, default: 0] += 1
    var publication = Publication(
      device: device, fields: fields, reading: Array("{}".utf8), received: wall)
    publication.number = numbers[id] ?? 0
    publication.held = held
    store.take(.availability(device: id, online: true), now: now)
    store.take(.publication(publication), now: now)
  }

  mutating func send(_ id: String, _ values: [(FieldName, String)], held: [String] = []) {
    send(id, values.map { (FieldKey($0.0), $0.1) }, held: held)
  }

  /// Counters of this moment.
  var health: Health {
    var counters = MeterPipeline.Counters()
    counters.telegrams = 5
    counters.errors = ["noise": 2]
    counters.doubled = doubled
    return Health(
      time: wall, uptime: 1000, meters: store.meters.filter { $0.device.parent == nil }.map { ($0.id, counters) },
      buses: buses, broker: BrokerStatus(lastStep: now, isConnected: true, connections: 2),
      journal: JournalStatus(readings: 4),
      deadLetters: 3, deadLettersSkipped: 0, deadLettersLost: 0, messagesDropped: 0, threads: [])
  }

  mutating func pass(_ time: Milliseconds) { now = now + time }

  mutating func goOffline(_ id: String) { store.take(.availability(device: id, online: false), now: now) }
}

/// A configured meter on a line of its own.
func meter(_ id: String, _ change: (inout MeterSettings) -> Void = { _ in }) -> MeterSettings {
  var settings = MeterSettings(
    id: id, meterProtocol: .p1, source: .serial(path: "/dev/ttyUSB-\(id)"), sourceText: "/dev/ttyUSB-\(id)")
  change(&settings)
  return settings
}
