import Base
import Decoders
import Documents
import Glibc
import Meters
import Publishing

/// `/metrics` of many meters without the server around it, and the client that scrapes a running bridge.
enum MetricsBenchmark {
  /// Meters that all have the same fields: those of a three-phase meter with two tariffs.
  static func store(meters: Int, fields: Int) -> MeterStore {
    var store = MeterStore(
      bridge: BridgeState(
        started: WallTime(milliseconds: 0), brokerName: "localhost:1883", baseTopic: "meterbridge",
        broker: BrokerStatus(lastStep: Instant(milliseconds: 0))))
    for number in 0..<meters {
      let device = Device(
        id: "meter_\(number)", manufacturer: "XYZ", model: "Model 3", serial: "\(10_000_000 + number)",
        medium: .electricity,
        protocolName: "p1")
      var meter = StoredMeter(device)
      meter.isOnline = true
      meter.received = WallTime(milliseconds: 1_795_172_401_250)
      meter.fields = keys.prefix(fields).enumerated().map { index, key in
        let field = FieldDescription(
          level: key.topicLevel([]), key: key, unit: key.name.entry.unit, isNumber: true)
        return StoredField(
          field: field, payload: "\(number * 31 + index).\(100 + index)", received: WallTime(milliseconds: 0))
      }
      store.add(meter)
    }
    return store
  }

  private static let keys: [FieldKey] = {
    let phases: [FieldKey.Phase] = [.l1, .l2, .l3]
    let registers = [FieldName.energyImport, .energyExport].flatMap { name in
      [FieldKey(name), FieldKey(name, tariff: 1), FieldKey(name, tariff: 2)]
    }
    let powers = [FieldName.power, .powerImport, .powerExport].flatMap { name in
      [FieldKey(name)] + phases.map { FieldKey(name, phase: $0) }
    }
    let others = [FieldName.voltage, .current, .voltageSags].flatMap { name in phases.map { FieldKey(name, phase: $0) }
    }
    return registers + powers + others + [FieldName.powerFailures, .powerFailuresLong, .frequency].map { FieldKey($0) }
  }()

  /// Pages a second of processor time.
  static func render(_ store: MeterStore) {
    var count = 0
    var bytes = 0
    let start = Benchmarks.seconds(CLOCK_PROCESS_CPUTIME_ID)
    while Benchmarks.seconds(CLOCK_PROCESS_CPUTIME_ID) - start < 3 {
      var page = MetricsPage(store, format: .text)
      while let piece = page.next() { bytes += piece.count }
      count += 1
    }
    guard bytes > count else { exit(65) }
    print(Int(Double(count) / (Benchmarks.seconds(CLOCK_PROCESS_CPUTIME_ID) - start)))
  }

  /// Asks for `/metrics` again and again on one connection; prints how often in all.
  static func scrape(port: UInt16, seconds: Double) {
    var place = sockaddr_in()
    place.sin_family = sa_family_t(AF_INET)
    place.sin_port = port.bigEndian
    place.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let line = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    let code = withUnsafePointer(to: &place) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(line, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard code == 0 else { exit(69) }
    let request = Array("GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".utf8)
    let end = Array("\r\n0\r\n\r\n".utf8)
    var piece = [UInt8](repeating: 0, count: 256 * 1024)
    var count = 0
    let start = Benchmarks.seconds(CLOCK_MONOTONIC)
    while Benchmarks.seconds(CLOCK_MONOTONIC) - start < seconds {
      guard write(line, request, request.count) == request.count else { exit(69) }
      var last: [UInt8] = []
      while !last.suffix(end.count).elementsEqual(end) {
        let got = read(line, &piece, piece.count)
        guard got > 0 else { exit(69) }
        last = Array((last + piece.prefix(got)).suffix(end.count))
      }
      count += 1
    }
    print(count)
  }
}
