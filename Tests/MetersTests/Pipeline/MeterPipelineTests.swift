import Decoders
import Testing
import TestSupport

@testable import Base
@testable import Meters

struct MeterPipelineTests {
  @Test("a telegram becomes one publication for each meter")
  func publications() {
    var pipeline = MeterPipeline(p1Meter(), zone: .utc, devices: [])
    let frame = p1Telegram(
      "0-0:1.0.0(261120120001W)", "1-0:1.7.0(00.472*kW)", gasChannel[0], gasChannel[1], gasChannel[2])
    let outputs = pipeline.received([frame], now: instant(0), wall: receiptTime)
    #expect(outputs.publications.map(\.device.id) == ["grid", "grid_gas"])
    #expect(outputs.availability == ["grid true", "grid_gas true"])
    let main = outputs.publications.first
    #expect(
      main?.fields.map { "\($0.field.level) \($0.payload)" } == [
        "power_import 472", "meter_time 2026-11-20T12:00:01+01:00",
      ])
    #expect(outputs.publications.last?.device.parent == "grid")
    #expect(outputs.publications.last?.fields.first?.payload == "1234.567")
  }

  @Test("a telegram is shown before what is made of it, also one that is refused")
  func shownTelegram() {
    var pipeline = MeterPipeline(p1Meter(), zone: .utc, devices: [])
    let frame = p1Telegram("1-0:1.7.0(00.472*kW)")
    let outputs = pipeline.received([frame], now: instant(0), wall: receiptTime)
    guard case .telegram(let shown) = outputs.first else {
      Issue.record("no telegram")
      return
    }
    #expect(shown.meter == "grid")
    #expect(shown.bytes == frame)
    #expect(shown.received == receiptTime)
    #expect(shown.content.readings.count == 1)
    #expect(pipeline.interval == nil)
    _ = pipeline.received([frame], now: instant(12), wall: receiptTime)
    #expect(pipeline.interval == .seconds(12))
  }

  @Test("only an issue in a register of a sum stops it")
  func sumsAndIssues() {
    func sums(_ line: String) -> [String] {
      var pipeline = MeterPipeline(p1Meter(), zone: .utc, devices: [])
      let frame = p1Telegram("1-0:1.8.1(000123.400*kWh)", line, "1-0:2.8.1(000001.500*kWh)")
      let fields = pipeline.received([frame], now: instant(0), wall: receiptTime).publications.first?.fields ?? []
      return fields.map { "\($0.field.level) \($0.payload)" }.filter { !$0.contains("_t1") }
    }
    let both = ["energy_import 123.400", "energy_export 1.500"]
    #expect(sums("0-0:96.14.0(DAY)") == both)
    #expect(sums("0-0:1.0.0(now)") == both)
    #expect(sums("1-0:32.7.0(0.230*parsec)") == both)
    #expect(sums("1-0:1.7.0(00.1*kW") == both)
    #expect(sums("1-0:1.8.2(000X23.400*kWh)") == ["energy_export 1.500"])
    #expect(sums("1-0:1.8.2(000023.400*kWh") == ["energy_export 1.500"])
    #expect(sums("1-0:2.8.2(000023.400*kW)") == ["energy_import 123.400"])
    // A line without a readable code may be any register.
    #expect(sums("1-0:X.8.2(000023.400*kWh)") == [])
  }

  @Test("a clock that stands at 2000-01-01 is not a time")
  func lostClock() {
    var pipeline = MeterPipeline(p1Meter(), zone: .utc, devices: [])
    let frame = p1Telegram("0-0:1.0.0(000101001500W)", "1-0:1.7.0(00.472*kW)")
    let fields = pipeline.received([frame], now: instant(0), wall: receiptTime).publications.first?.fields ?? []
    #expect(fields.map { "\($0.field.level) \($0.payload)" } == ["power_import 472"])
  }

  @Test("a telegram without an identity is of the same meter")
  func withoutIdentity() {
    var pipeline = MeterPipeline(p1Meter(), zone: .utc, devices: [])
    func device(_ lines: String...) -> Device? {
      let text = lines + ["1-0:1.8.0(000001.000*kWh)"]
      let frame = text.count == 1 ? p1Telegram(text[0]) : p1Telegram(text[0], text[1])
      return pipeline.received([frame], now: instant(0), wall: receiptTime).publications.first?.device
    }
    #expect(device()?.serial == nil)
    let named = device("0-0:96.1.1(4530303433303036)")
    #expect(named?.serial == "E0043006")
    // Another document for Home Assistant with every second telegram would be the end of its log.
    #expect(device() == named)
    // Another number is a claim, which four telegrams do not confirm.
    for _ in 0..<4 { #expect(device("0-0:96.1.1(4530303433303037)") == nil) }
    #expect(device() == named)
    #expect(device("0-0:96.1.1(4530303433303037)")?.serial == "E0043007")
  }

  @Test("a meter that its PIN locks is said once, and once more when it falls back")
  func remarks() throws {
    var pipeline = MeterPipeline(p1Meter { $0.meterProtocol = .sml }, zone: .utc, devices: [])
    let (locked, open) = (try sampleBytes("sml/iskra-locked"), try sampleBytes("sml/iskra-open"))
    let outputs = [locked, locked, open, open, locked].enumerated().map { second, file in
      pipeline.received([file], now: instant(Int64(second)), wall: receiptTime)
    }
    let text = "the meter sends whole kWh only; enter its PIN and set INF on (docs/OPTICAL.md)"
    let told = outputs.map { $0.compactMap { if case .log(_, let line) = $0 { line } else { nil } } }
    #expect(told == [["grid: \(text)"], [], [], [], ["grid: \(text)"]])
    #expect(outputs.map { $0.publications.first?.note } == [text, text, nil, nil, text])
    let totals = outputs.map { output in
      output.publications.first?.fields.first { $0.field.level == "energy_import" }?.payload
    }
    #expect(totals == ["2043", "2043", "2043.1047", "2043.1047", nil])
    #expect(outputs.flatMap(\.letters).isEmpty)
    let fault = try sampleBytes("sml/dzg-fault")
    var other = MeterPipeline(p1Meter { $0.meterProtocol = .sml }, zone: .utc, devices: [])
    let lines = (0..<3).flatMap { other.received([fault], now: instant($0), wall: receiptTime) }
    #expect(lines.count { if case .log = $0 { true } else { false } } == 1)
  }

  @Test("a field without a value has not gone away")
  func absentValue() {
    // Instantaneous flow temperature, invalid BCD digits.
    let header: [UInt8] = [0x78, 0x56, 0x34, 0x12, 0x74, 0x52, 1, 4, 5, 0, 0, 0]
    let frame = MBusFrame.long(
      control: 8, address: 1, information: 0x72, data: header + [0x04, 0x06, 1, 0, 0, 0, 0x0A, 0x5A, 0xFF, 0xFF])
    var pipeline = MeterPipeline(p1Meter { $0.meterProtocol = .mbus }, zone: .utc, devices: [])
    let publication = pipeline.received([frame.bytes], now: instant(0), wall: receiptTime).publications.first
    #expect(publication?.fields.map(\.field.level) == ["status", "energy"])
    #expect(publication?.held == ["flow_temperature"])
  }

  /// A readout of two properties of which the second one is cut off: the first is the id that joins the meter.
  @Test("a dead letter does not hold the id that the meter sends")
  func meterID() throws {
    let frame: (UInt8, [UInt8]) -> [UInt8] = { code, data in
      [0x10, 0x81, 0, 1, 0x02, 0x88, 0x01, 0x05, 0xFF, 0x01, 0x72, 2, code, UInt8(data.count)] + data + [0xE7, 4, 0]
    }
    let credentials = SimulatedDongle.credentials
    let id = try #require(Hexadecimal.bytes(credentials.identifier.reveal.utf8))
    let home = p1Meter {
      $0.meterProtocol = .echonet
      $0.bRouteIdentifier = credentials.identifier
      $0.password = credentials.password
    }
    for (code, data, isShown) in [(0xC0, id, false), (0x8A, [0, 0, 0x77], true)] as [(UInt8, [UInt8], Bool)] {
      var pipeline = MeterPipeline(home, zone: .utc, devices: [])
      let letter = pipeline.received([frame(code, data)], now: instant(0), wall: receiptTime).letters.first
      #expect(letter?.code == "truncated")
      #expect(letter?.bytes == (isShown ? frame(code, data) : []))
    }
  }

  @Test("the document of a sub-meter comes only with a new value")
  func subMeterDocument() {
    var pipeline = MeterPipeline(p1Meter(), zone: .utc, devices: [])
    let frame = p1Telegram("1-0:1.7.0(00.472*kW)", gasChannel[0], gasChannel[1], gasChannel[2])
    let first = pipeline.received([frame], now: instant(0), wall: receiptTime).publications
    let second = pipeline.received([frame], now: instant(1), wall: receiptTime).publications
    #expect(first.map { $0.reading != nil } == [true, true])
    #expect(second.map { $0.reading != nil } == [true, false])
  }

  @Test("a broken line is kept once and counted each time")
  func brokenLine() {
    var pipeline = MeterPipeline(p1Meter(), zone: .utc, devices: [])
    let frame = p1Telegram("1-0:1.7.0(00.472*kW)", "1-0:32.7.0(230V1)")
    let first = pipeline.received([frame], now: instant(0), wall: receiptTime)
    let second = pipeline.received([frame], now: instant(1), wall: receiptTime)
    #expect(first.letters.count == 1)
    #expect(first.letters.first?.stage == .decode)
    #expect(first.letters.first?.bytes == frame)
    #expect(second.letters.isEmpty)
    #expect(pipeline.counters.telegrams == 2)
    #expect(pipeline.counters.errors.values.reduce(0, +) == 2)
  }

  @Test("a meter is offline after three of its intervals")
  func offline() {
    var pipeline = MeterPipeline(p1Meter(), zone: .utc, devices: [])
    let frame = p1Telegram("1-0:1.7.0(00.472*kW)")
    for second in 0..<5 { _ = pipeline.received([frame], now: instant(Int64(second)), wall: receiptTime) }
    // A meter that speaks each second is still given ten.
    #expect(pipeline.deadline == instant(34))
    let at33 = pipeline.tick(now: instant(33))
    #expect(at33.isEmpty)
    let at34 = pipeline.tick(now: instant(34))
    #expect(at34.availability == ["grid false"])
    #expect(pipeline.deadline == nil)
    let out5 = pipeline.received([frame], now: instant(50), wall: receiptTime).availability
    #expect(out5 == ["grid true"])
  }

  @Test("a lost port takes all its meters offline")
  func lostPort() {
    var pipeline = MeterPipeline(p1Meter(), zone: .utc, devices: [])
    let frame = p1Telegram("1-0:1.7.0(00.472*kW)", gasChannel[0], gasChannel[1], gasChannel[2])
    _ = pipeline.received([frame], now: instant(0), wall: receiptTime)
    let out6 = pipeline.lost().availability
    #expect(out6 == ["grid false", "grid_gas false"])
    let out7 = pipeline.lost().availability
    #expect(out7.isEmpty)
  }

  @Test("a channel that stays away is offline")
  func absentChannel() {
    var pipeline = MeterPipeline(p1Meter(), zone: .utc, devices: [])
    _ = pipeline.received(
      [p1Telegram("1-0:1.7.0(00.472*kW)", gasChannel[0], gasChannel[1], gasChannel[2])], now: instant(0),
      wall: receiptTime)
    let without = pipeline.received([p1Telegram("1-0:1.7.0(00.472*kW)")], now: instant(1), wall: receiptTime)
    #expect(without.availability == ["grid_gas false"])
  }

  @Test("factor and units are applied")
  func factorAndUnits() {
    var pipeline = MeterPipeline(
      p1Meter {
        $0.factor = FixedDecimal(40)
        $0.units = ["energy_import": .megawattHour]
      }, zone: .utc, devices: [])
    let frame = p1Telegram("1-0:1.8.0(000123.456*kWh)", "1-0:32.7.0(230.1*V)")
    let fields = pipeline.received([frame], now: instant(0), wall: receiptTime).publications.first?.fields ?? []
    #expect(fields.map { "\($0.field.level) \($0.payload)" } == ["energy_import 4.938240", "voltage_l1 230.1"])
  }

  @Test("a converted value uses the register's own digits")
  func convertedDigits() {
    // 12.345 GJ are 3429.1666… kWh: what was rounded to kWh must not come back in GJ.
    let frame = p1Telegram("0-1:24.1.0(004)", "0-1:96.1.0(5731)", "0-1:24.2.1(261120120000W)(00012.345*GJ)")
    func payload(_ unit: Decoders.Unit?) -> String? {
      var pipeline = MeterPipeline(
        p1Meter { $0.units = unit.map { ["energy": $0] } ?? [:] }, zone: .utc, devices: [])
      return pipeline.received([frame], now: instant(0), wall: receiptTime).publications.last?.fields.first?.payload
    }
    #expect(payload(nil) == "3429.167")
    #expect(payload(.gigajoule) == "12.345")
    #expect(payload(.megajoule) == "12345")
  }

  @Test("the factor is applied before values are rounded")
  func factorBeforeRounding() {
    // Ten times 1 kJ, which alone is 0.000277… kWh.
    let header: [UInt8] = [0x78, 0x56, 0x34, 0x12, 0x74, 0x52, 1, 4, 5, 0, 0, 0]
    let frame = MBusFrame.long(
      control: 8, address: 1, information: 0x72, data: header + [0x04, 0x0B, 0x01, 0x00, 0x00, 0x00])
    var pipeline = MeterPipeline(
      p1Meter {
        $0.meterProtocol = .mbus
        $0.factor = FixedDecimal(10)
      }, zone: .utc, devices: [])
    let fields = pipeline.received([frame.bytes], now: instant(0), wall: receiptTime).publications.first?.fields ?? []
    #expect(fields.map { "\($0.field.level) \($0.payload)" } == ["status ok", "energy 0.003"])
  }

  @Test("rejected bytes are a dead letter of the stage framing")
  func rejectedBytes() {
    var pipeline = MeterPipeline(p1Meter(), zone: .utc, devices: [])
    let output = pipeline.rejected([1, 2], DecodeError(.noise, at: 0, found: 2), wall: receiptTime)
    let letters = [output].letters
    #expect(letters.map(\.code) == ["noise"])
    #expect(letters.first?.stage == .framing)
    #expect(pipeline.counters.errors == ["noise": 1])
  }
}
