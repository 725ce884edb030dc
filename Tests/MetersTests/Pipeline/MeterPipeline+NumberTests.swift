import Decoders
import Testing
import TestSupport

@testable import Base
@testable import Meters

/// A P1 telegram of version 2.2, which does not have a checksum.
private func unchecked(_ lines: String...) -> [UInt8] {
  Array(("/XYZ5TEST\r\n\r\n" + lines.map { $0 + "\r\n" }.joined() + "!\r\n").utf8)
}

private let numberA = "0-0:96.1.1(4530303433303036)"
private let numberB = "0-0:96.1.1(4530303433303037)"

/// Readings of a number that is not the meter's, through the whole pipeline.
struct MeterPipelineNumberTests {
  private func logs(_ outputs: [MeterOutput], _ level: LogLevel) -> [String] {
    outputs.compactMap { if case .log(level, let text) = $0 { text } else { nil } }
  }

  private func values(_ outputs: [MeterOutput]) -> [String] {
    outputs.publications.flatMap { publication in
      publication.fields.map { "\(publication.device.id) \($0.field.level) \($0.payload)" }
    }
  }

  @Test("nothing of another meter's telegram is published, nor of the meters behind it")
  func stranger() {
    var pipeline = MeterPipeline(p1Meter(), zone: .utc, devices: [])
    func send(_ number: String, _ energy: String, _ volume: String) -> [MeterOutput] {
      let frame = p1Telegram(
        number, "1-0:1.8.0(\(energy)*kWh)", "1-0:1.7.0(00.472*kW)", "0-1:24.1.0(003)",
        "0-1:24.2.1(261120120000W)(\(volume)*m3)")
      return pipeline.received([frame], now: instant(0), wall: receiptTime)
    }
    let own = send(numberA, "000100.000", "00001.000")
    #expect(own.publications.map(\.device.id) == ["grid", "grid_gas"])
    let other = send(numberB, "000100.100", "00001.100")
    #expect(other.publications.isEmpty && other.availability.isEmpty)
    #expect(other.letters.map(\.code) == ["other_meter"])
    #expect(other.letters.map(\.kind) == [.heldBack] && other.letters.map(\.stage) == [.guarding])
    #expect(
      other.letters.first?.message == "the telegram is of number E0043007, and grid is E0043006; "
        + "held back until 5 telegrams in a row have the new number or you run `meterbridge accept grid`")
    #expect(other.letters.first?.bytes.first == 0x2F)
    #expect(pipeline.counters.errors == ["other_meter": 1])
    _ = send(numberB, "000100.100", "00001.100")
    let back = send(numberA, "000100.000", "00001.000")
    #expect(back.publications.map(\.device.id) == ["grid", "grid_gas"])
    #expect(
      logs(back, .warning) == [
        "grid: two meters answer on this line (numbers E0043006 and E0043007); only E0043006 is published. "
          + "Connect only one of them to this source"
      ])
    // Three more are only the third in a row.
    for _ in 0..<3 { #expect(send(numberB, "000100.100", "00001.100").publications.isEmpty) }
  }

  @Test("an exchanged meter has tariffs of its own, and discovery gets its number")
  func exchange() {
    var pipeline = MeterPipeline(p1Meter(), zone: .utc, devices: [])
    let old = p1Telegram(numberA, "1-0:1.8.1(000100.000*kWh)", "1-0:1.8.2(000200.000*kWh)")
    let new = p1Telegram(numberB, "1-0:1.8.1(000000.100*kWh)")
    _ = pipeline.received([old], now: instant(0), wall: receiptTime)
    for _ in 0..<4 { #expect(pipeline.received([new], now: instant(0), wall: receiptTime).publications.isEmpty) }
    let fifth = pipeline.received([new], now: instant(0), wall: receiptTime)
    #expect(values(fifth) == ["grid energy_import_t1 0.100", "grid energy_import 0.100"])
    #expect(fifth.publications.first?.device.serial == "E0043007")
    #expect(logs(fifth, .notice) == ["grid: this is another meter now: number E0043007 instead of E0043006"])
  }

  @Test("an exchanged sub-meter begins anew, and its main meter goes on meanwhile")
  func subMeter() {
    var pipeline = MeterPipeline(p1Meter(), zone: .utc, devices: [])
    func send(_ number: String, _ volume: String) -> [MeterOutput] {
      let frame = p1Telegram(
        "1-0:1.8.0(000100.000*kWh)", "0-1:24.1.0(003)", "0-1:96.1.0(\(number))",
        "0-1:24.2.1(261120120000W)(\(volume)*m3)")
      return pipeline.received([frame], now: instant(0), wall: receiptTime)
    }
    #expect(values(send("4730", "01000.000")).contains("grid_gas volume 1000.000"))
    for _ in 0..<4 { #expect(send("4731", "00000.100").publications.map(\.device.id) == ["grid"]) }
    let fifth = send("4731", "00000.100")
    #expect(values(fifth).contains("grid_gas volume 0.100"))
    #expect(fifth.publications.last?.device.serial == "G1")
    #expect(fifth.availability.isEmpty)
  }

  @Test("a number without a check value is shown after the second telegram")
  func uncheckedNumber() {
    var pipeline = MeterPipeline(p1Meter(), zone: .utc, devices: [])
    func send(_ number: String) -> String? {
      let frame = unchecked(number, "1-0:1.8.0(000100.000*kWh)")
      return pipeline.received([frame], now: instant(0), wall: receiptTime).publications.first?.device.serial
    }
    #expect(
      [send("0-0:96.1.1(45303034)"), send(numberA), send(numberA), send(numberB)] == [nil, nil, "E0043006", "E0043006"])
  }

  @Test("without a check value the first total waits for its tariffs, and other fields do not")
  func firstTelegramShort() {
    var pipeline = MeterPipeline(p1Meter(), zone: .utc, devices: [])
    func send(_ lines: String...) -> [String] {
      let frame = lines.count == 1 ? unchecked(lines[0]) : unchecked(lines[0], lines[1], "1-0:1.7.0(0000.59*kW)")
      return values(pipeline.received([frame], now: instant(0), wall: receiptTime)).map { String($0.dropFirst(5)) }
    }
    #expect(send("1-0:1.8.1(16722.627*kWh)") == [])
    let whole = ("1-0:1.8.1(16722.627*kWh)", "1-0:1.8.2(19412.702*kWh)")
    #expect(send(whole.0, whole.1) == ["energy_import_t1 16722.627", "power_import 590"])
    #expect(
      send(whole.0, whole.1) == [
        "energy_import_t1 16722.627", "energy_import_t2 19412.702", "power_import 590", "energy_import 36135.329",
      ])
  }

  @Test("the user may accept a number")
  func accept() {
    var pipeline = MeterPipeline(p1Meter(), zone: .utc, devices: [])
    let send = { (pipeline: inout MeterPipeline, number: String, energy: String) in
      pipeline.received([p1Telegram(number, "1-0:1.8.0(\(energy)*kWh)")], now: instant(0), wall: receiptTime)
    }
    _ = send(&pipeline, numberA, "000100.000")
    _ = send(&pipeline, numberB, "000003.000")
    let accepted = pipeline.accept("grid", wall: receiptTime) ?? []
    #expect(
      logs(accepted, .notice) == ["grid: accepted number E0043007; its values are published from its next telegram on"])
    #expect(values(send(&pipeline, numberB, "000003.100")) == ["grid energy_import 3.100"])
  }

  @Test("a check value that is ignored protects nothing")
  func ignoredChecksum() {
    var pipeline = MeterPipeline(p1Meter { $0.ignoresChecksums = true }, zone: .utc, devices: [])
    let frame = p1Telegram("1-0:1.8.0(000100.000*kWh)")
    #expect(values(pipeline.received([frame], now: instant(0), wall: receiptTime)) == [])
    #expect(values(pipeline.received([frame], now: instant(1), wall: receiptTime)) == ["grid energy_import 100.000"])
  }
}
