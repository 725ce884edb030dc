import Base
import Decoders
import Testing
import TestSupport

@testable import Documents
@testable import Meters

struct MetricsPageTests {
  private func page(_ harness: StoreHarness, _ format: MetricsFormat = .text) -> String {
    String(decoding: MetricsPage(harness.store, format: format).whole(), as: UTF8.self)
  }

  /// The samples of a page, without those of the program.
  private func samples(_ harness: StoreHarness) -> [String] {
    let own = [
      "build_info", "meter_info", "meter_up", "last_telegram", "telegrams", "errors", "dead_letters", "broker",
      "outbox", "journal",
    ]
    return page(harness).split(separator: "\n").map(String.init).filter { line in
      !line.hasPrefix("#") && !own.contains { line.hasPrefix("meterbridge_\($0)") }
    }
  }

  @Test("each M-Bus has its counters, with the source as label")
  func buses() {
    var harness = StoreHarness("heat")
    #expect(!page(harness).contains("meterbridge_bus_"))
    var statistics = MBusStatistics(meters: 3)
    statistics.requests = 12
    statistics.answers = 11
    statistics.retries = 1
    statistics.lineErrors = 2
    statistics.round = 1250
    harness.buses = [("tcp://gw:10001", statistics)]
    harness.store.take(harness.health, intervals: [:], isTold: true)
    let lines = page(harness).split(separator: "\n").filter { $0.hasPrefix("meterbridge_bus_") }
    let label = #"{source="tcp://gw:10001"}"#
    #expect(
      lines == [
        "meterbridge_bus_up\(label) 1", "meterbridge_bus_requests_total\(label) 12",
        "meterbridge_bus_answers_total\(label) 11", "meterbridge_bus_retries_total\(label) 1",
        "meterbridge_bus_doubled_total\(label) 0",
        "meterbridge_bus_line_errors_total\(label) 2", "meterbridge_bus_round_seconds\(label) 1.250",
      ])
  }

  @Test("copies of telegrams are counted where there are some")
  func copies() {
    var harness = StoreHarness("water")
    harness.store.take(harness.health, intervals: [:], isTold: true)
    #expect(!page(harness).contains("meterbridge_doubled"))
    harness.doubled = 7
    harness.store.take(harness.health, intervals: [:], isTold: true)
    #expect(page(harness).contains("\nmeterbridge_doubled_total{meter=\"water\"} 7\n"))
  }

  @Test("total, tariffs and phases are three families, in the order of the vocabulary")
  func families() {
    var harness = StoreHarness("grid", "pv")
    harness.send(
      "grid",
      [
        (FieldKey(.energyImport), "1785.720"), (FieldKey(.energyImport, tariff: 1), "1000.000"),
        (FieldKey(.energyImport, tariff: 2), "785.720"), (FieldKey(.power), "-12.50"),
        (FieldKey(.power, phase: .l1), "3"), (FieldKey(.power, phase: .l2), "-4"),
        (FieldKey(.voltage, phase: .l1), "230.1"),
        (FieldKey(.power, function: .maximum), "9000"), (FieldKey(.energyNet), "1"),
        (FieldKey(.volume, subunit: 1), "2.5"), (FieldKey(.energyImport, ordinal: 1), "7"),
      ])
    harness.send("pv", [(.energyImport, "5")])
    #expect(
      samples(harness) == [
        #"meterbridge_energy_import_kwh_total{meter="grid"} 1785.720"#,
        #"meterbridge_energy_import_kwh_total{meter="pv"} 5"#,
        #"meterbridge_energy_import_tariff_kwh_total{meter="grid",tariff="1"} 1000.000"#,
        #"meterbridge_energy_import_tariff_kwh_total{meter="grid",tariff="2"} 785.720"#,
        #"meterbridge_energy_import_duplicate_kwh_total{meter="grid",duplicate="2"} 7"#,
        #"meterbridge_energy_net_kwh{meter="grid"} 1"#,
        #"meterbridge_power_watts{meter="grid"} -12.50"#,
        #"meterbridge_power_phase_watts{meter="grid",phase="l1"} 3"#,
        #"meterbridge_power_phase_watts{meter="grid",phase="l2"} -4"#,
        #"meterbridge_power_max_watts{meter="grid"} 9000"#,
        #"meterbridge_voltage_phase_volts{meter="grid",phase="l1"} 230.1"#,
        #"meterbridge_volume_subunit_cubic_meters_total{meter="grid",subunit="1"} 2.5"#,
      ])
    let text = page(harness)
    #expect(
      text.contains(
        "# HELP meterbridge_energy_import_tariff_kwh_total Energy import by tariff\n# TYPE meterbridge_energy_import_tariff_kwh_total counter\n"
      ))
    #expect(text.contains("# TYPE meterbridge_energy_net_kwh gauge\n"))
  }

  @Test("texts, past values and fields named by a code are not metrics")
  func leftOut() {
    var harness = StoreHarness("grid")
    harness.send(
      "grid",
      [
        (FieldKey(.message), "hello"), (FieldKey(.tariff), "2"), (FieldKey(.energy, storage: 1), "1"),
        (FieldKey(.code), "5"),
      ])
    #expect(samples(harness) == [])
  }

  @Test(
    "values are in the unit of the vocabulary, or in Prometheus' own, with their digits",
    arguments: [
      Sample(.energyImport, .wattHour, "1500.0", "energy_import_kwh_total", "1.5000"),
      Sample(.energyImport, .gigajoule, "3.600000", "energy_import_kwh_total", "1000.000"),
      Sample(.power, .kilowatt, "1.25", "power_watts", "1250"),
      Sample(.operatingTime, .hour, "1.5", "operating_time_seconds_total", "5400.0"),
      Sample(.batteryRemaining, .day, "2", "battery_remaining_seconds", "172800"),
      Sample(.humidity, .percent, "45.5", "humidity_ratio", "0.455"),
      Sample(.mass, .kilogram, "1.5", "mass_grams_total", "1500"),
      Sample(.flowTemperature, .fahrenheit, "212", "flow_temperature_celsius", "100.00"),
      Sample(.temperatureDifference, .kelvin, "3.1", "temperature_difference_kelvin", "3.1"),
      Sample(.heatCostUnits, .none, "17", "heat_cost_units_total", "17"),
      Sample(.signalStrength, .decibelMilliwatt, "-70", "signal_strength_dbm", "-70"),
    ])
  fileprivate func units(sample: Sample) {
    var harness = StoreHarness("m")
    harness.send("m", [(FieldKey(sample.name), sample.payload)], unit: sample.unit)
    #expect(samples(harness) == ["meterbridge_\(sample.metric){meter=\"m\"} \(sample.value)"])
  }

  @Test("a number of another kind of unit, or one that does not fit, is left out")
  func unfitting() {
    var harness = StoreHarness("m")
    harness.send("m", [(FieldKey(.volume), "1")], unit: .kilogram)
    harness.send("m", [(FieldKey(.onTime), "9223372036854775807")], unit: .hour)
    #expect(samples(harness) == [])
  }

  @Test("every number of the vocabulary has a metric, with a name of its own")
  func vocabulary() {
    let numbers = FieldName.allCases.filter { $0 != .code && ($0.entry.unit != .none || $0.entry.stateClass != .none) }
    let names = numbers.map { MetricFamily(described(FieldKey($0)))?.text }
    #expect(!names.contains(nil))
    #expect(Set(names).count == numbers.count)
  }

  @Test("a momentary value goes with the meter or with its value; a register stays")
  func offline() {
    var harness = StoreHarness("grid")
    harness.send("grid", [(.energyImport, "1"), (.power, "5")])
    harness.send("grid", [], held: ["energy_import", "power"])
    #expect(samples(harness) == [#"meterbridge_energy_import_kwh_total{meter="grid"} 1"#])
    harness.send("grid", [(.power, "5")])
    #expect(samples(harness).count == 2)
    harness.goOffline("grid")
    #expect(samples(harness) == [#"meterbridge_energy_import_kwh_total{meter="grid"} 1"#])
    #expect(page(harness).contains("meterbridge_meter_up{meter=\"grid\"} 0\n"))
  }

  @Test("the meter's texts are labels, escaped; what is unknown is left out")
  func labels() {
    var harness = StoreHarness("grid")
    let device = Device(id: "grid", manufacturer: "A\"B", model: "C\\D\nE", medium: .heat, protocolName: "mbus")
    harness.send("grid", [(FieldKey(.power), "1")], device: device)
    #expect(
      page(harness).contains(
        #"meterbridge_meter_info{meter="grid",maker="A\"B",model="C\\D\nE",medium="heat",protocol="mbus"} 1"# + "\n"))
    #expect(page(harness).contains("meterbridge_last_telegram_timestamp_seconds{meter=\"grid\"} 1795172400.000\n"))
  }

  @Test("OpenMetrics names the family without the ending of its samples, states the unit, and ends")
  func openMetrics() {
    var harness = StoreHarness("grid")
    harness.send("grid", [(.energyImport, "1.5")])
    let text = page(harness, .openMetrics)
    #expect(
      text.hasSuffix(
        """
        # HELP meterbridge_energy_import_kwh Energy import
        # TYPE meterbridge_energy_import_kwh counter
        # UNIT meterbridge_energy_import_kwh kwh
        meterbridge_energy_import_kwh_total{meter="grid"} 1.5
        # EOF

        """))
    #expect(text.contains("# TYPE meterbridge_meter info\nmeterbridge_meter_info{"))
    #expect(!page(harness).contains("EOF"))
  }

  @Test("the format is the one that the scraper prefers")
  func accept() {
    func format(_ accept: String?) -> MetricsFormat { MetricsFormat(accept: accept) }
    let prometheus =
      "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1"
    #expect(format(prometheus) == .openMetrics)
    #expect(format(nil) == .text)
    #expect(format("*/*") == .text)
    #expect(format("text/plain, application/openmetrics-text; q=0.5") == .text)
    #expect(format("Application/OpenMetrics-Text") == .openMetrics)
    #expect(format("text/plain;q=0.5, application/openmetrics-text;q=0.5") == .openMetrics)
    #expect(format("application/openmetrics-text; version=2.0.0") == .text)
    #expect(format("application/openmetrics-text; q=0") == .text)
    #expect(format("application/openmetrics-text; q=0.001;;,") == .openMetrics)
  }

  @Test("a large page comes in pieces that make the same page")
  func pieces() {
    let ids = (0..<100).map { "m\($0)" }
    var harness = StoreHarness("grid")
    harness.store.configure(ids.map { meter($0) })
    for id in ids {
      harness.send(id, (UInt16(0)..<30).map { (FieldKey(.energyImport, tariff: $0), "12345.678") })
    }
    var page = MetricsPage(harness.store, format: .text)
    var lines: [Substring] = []
    var largest = 0
    while let piece = page.next() {
      largest = max(largest, piece.count)
      #expect(piece.last == 0x0A)
      lines += String(decoding: piece, as: UTF8.self).split(separator: "\n")
    }
    #expect(largest < Limits.metricsPieceBytes + 32 * 1024)
    #expect(lines.count { $0.hasPrefix("meterbridge_energy_import") } == 3000)
    #expect(Set(lines).count == lines.count)
    #expect(lines.count { $0.hasPrefix("# TYPE meterbridge_energy_import") } == 2)
  }
}

private struct Sample: Sendable, CustomTestStringConvertible {
  var name: FieldName
  var unit: Unit
  var payload: String
  var metric: String
  var value: String

  init(_ name: FieldName, _ unit: Unit, _ payload: String, _ metric: String, _ value: String) {
    (self.name, self.unit, self.payload, self.metric, self.value) = (name, unit, payload, metric, value)
  }

  var testDescription: String { "\(payload) \(unit.symbol) → \(value)" }
}
