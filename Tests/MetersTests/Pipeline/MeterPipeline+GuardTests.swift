import Decoders
import Testing
import TestSupport

@testable import Base
@testable import Meters

struct MeterPipelineGuardTests {
  private let gasMeter = ["0-1:24.1.0(003)", "0-1:96.1.0(4730303339303031323334353637383930)"]

  private func energies(_ outputs: [MeterOutput]) -> [String] {
    outputs.publications.flatMap(\.fields).filter { $0.field.unit == .kilowattHour || $0.field.unit == .cubicMetre }.map
    {
      "\($0.field.level) \($0.payload)"
    }
  }

  @Test("a value that is held back is on no topic and in no reading")
  func heldValue() {
    var pipeline = MeterPipeline(p1Meter(), zone: .utc, devices: [])
    func send(_ t1: String, _ t2: String) -> [MeterOutput] {
      let frame = p1Telegram("1-0:1.8.1(\(t1)*kWh)", "1-0:1.8.2(\(t2)*kWh)", "1-0:1.7.0(00.472*kW)")
      return pipeline.received([frame], now: instant(0), wall: receiptTime)
    }
    #expect(
      energies(send("000100.000", "000200.000"))
        == ["energy_import_t1 100.000", "energy_import_t2 200.000", "energy_import 300.000"])
    let held = send("000100.100", "000000.000")
    #expect(energies(held) == ["energy_import_t1 100.100"])
    let document = held.publications.first?.reading.map { String(decoding: $0, as: UTF8.self) } ?? ""
    #expect(document.contains("energy_import_t1") && document.contains("power_import"))
    #expect(!document.contains("energy_import_t2") && !document.contains(#""energy_import""#))
    #expect(held.letters.map(\.subject?.field) == ["energy_import_t2"])
    #expect(held.letters.map(\.kind) == [.heldBack] && held.letters.map(\.stage) == [.guarding])
    #expect(held.letters.first?.bytes.first == 0x2F)
    #expect(pipeline.counters.errors == ["implausible_total": 1])
    let accepted = pipeline.accept("grid", wall: receiptTime) ?? []
    #expect(energies(accepted) == ["energy_import_t2 0.000"])
    #expect(accepted.publications.first?.reading == nil)
    #expect(pipeline.accept("grid", wall: receiptTime)?.isEmpty == true)
    #expect(pipeline.accept("heat", wall: receiptTime) == nil)
    #expect(
      energies(send("000100.200", "000000.100"))
        == ["energy_import_t1 100.200", "energy_import_t2 0.100", "energy_import 100.300"])
  }

  @Test("a sub-meter that repeats a value does not confirm it")
  func repeatedValue() {
    var pipeline = MeterPipeline(p1Meter(), zone: .utc, devices: [])
    func send(_ hour: String, _ volume: String) -> [MeterOutput] {
      let frame = p1Telegram(
        "1-0:1.8.0(000100.000*kWh)", gasMeter[0], gasMeter[1], "0-1:24.2.1(2611201\(hour)0000W)(\(volume)*m3)")
      return pipeline.received([frame], now: instant(0), wall: receiptTime)
    }
    #expect(energies(send("2", "01000.000")).last == "volume 1000.000")
    var letters = 0
    for _ in 0..<10 {
      let outputs = send("3", "00000.000")
      letters += outputs.letters.count
      #expect(energies(outputs).last == "energy_import 100.000")
    }
    #expect(letters == 1)
    for hour in 4...6 { #expect(energies(send("\(hour)", "00000.100")).last == "energy_import 100.000") }
    #expect(energies(send("7", "00000.100")).last == "volume 0.100")
    #expect(pipeline.counters.errors == ["implausible_total": 4])
  }

  @Test("an accept reaches the sub-meter that it names")
  func acceptedSubMeter() {
    var pipeline = MeterPipeline(p1Meter(), zone: .utc, devices: [])
    func send(_ energy: String, _ volume: String) -> [String] {
      let frame = p1Telegram(
        "1-0:1.8.0(\(energy)*kWh)", gasMeter[0], gasMeter[1], "0-1:24.2.1(261120120000W)(\(volume)*m3)")
      return energies(pipeline.received([frame], now: instant(0), wall: receiptTime))
    }
    #expect(send("000100.000", "01000.000").count == 2)
    #expect(send("000001.000", "00001.000").count == 0)
    let accepted = pipeline.accept("grid_gas", wall: receiptTime) ?? []
    #expect(accepted.publications.map(\.device.id) == ["grid_gas"])
    #expect(energies(accepted) == ["volume 1.000"])
    #expect(send("000001.000", "00001.000") == ["volume 1.000"])
  }

  @Test("the memory of the guard outlives the pipeline")
  func guardMemory() {
    var first = MeterPipeline(p1Meter(), zone: .utc, devices: [])
    _ = first.received([p1Telegram("1-0:1.8.0(000100.000*kWh)")], now: instant(0), wall: receiptTime)
    var second = MeterPipeline(p1Meter(), zone: .utc, devices: [], totals: first.totals)
    let outputs = second.received([p1Telegram("1-0:1.8.0(000000.000*kWh)")], now: instant(0), wall: receiptTime)
    #expect(outputs.letters.map(\.subject?.last) == ["100.000"])
    // What is held back is believed before it comes again, and nobody says that there is nothing.
    var third = MeterPipeline(p1Meter(), zone: .utc, devices: [], totals: second.totals)
    let accepted = third.accept("grid", wall: receiptTime) ?? []
    #expect(
      accepted.compactMap { if case .log(.notice, let text) = $0 { text } else { nil } } == [
        "grid: accepted energy_import 0.000; missing topics follow with the next telegram"
      ])
    #expect(accepted.count == 1)
    #expect(third.accept("grid", wall: receiptTime)?.isEmpty == true)
    #expect(
      energies(third.received([p1Telegram("1-0:1.8.0(000000.000*kWh)")], now: instant(0), wall: receiptTime))
        == ["energy_import 0.000"])
  }

  @Test("topics are rounded, and readings are not")
  func rounding() {
    var pipeline = MeterPipeline(
      p1Meter { $0.rounding = [.powerImport: FixedDecimal(10), .voltage: FixedDecimal(5, exponent: -1)] },
      zone: .utc, devices: [])
    let frame = p1Telegram("1-0:1.7.0(00.472*kW)", "1-0:32.7.0(230.3*V)", "1-0:31.7.0(002*A)")
    let publication = pipeline.received([frame], now: instant(0), wall: receiptTime).publications.first
    #expect(publication?.fields.map(\.payload) == ["470", "230.5", "2"])
    let document = publication?.reading.map { String(decoding: $0, as: UTF8.self) } ?? ""
    #expect(document.contains(#""value":472"#) && document.contains(#""value":230.3"#))
  }

  @Test("electricity has a limit; other media have one only if it is configured")
  func limits() {
    func jump(_ medium: UInt8, _ power: FixedDecimal?) -> Int {
      var pipeline = MeterPipeline(
        p1Meter {
          $0.meterProtocol = .mbus
          $0.maximumPower = power
        }, zone: .utc, devices: [])
      func send(_ kilowattHours: UInt8) -> Int {
        let header: [UInt8] = [0x78, 0x56, 0x34, 0x12, 0x74, 0x52, 1, medium, 5, 0, 0, 0]
        let frame = MBusFrame.long(
          control: 8, address: 1, information: 0x72, data: header + [0x04, 0x06, 1, kilowattHours, 0, 0])
        return pipeline.received([frame.bytes], now: instant(0), wall: receiptTime).letters.count
      }
      return send(0) + send(1)
    }
    #expect(jump(2, nil) == 1)
    #expect(jump(4, nil) == 0)
    #expect(jump(4, FixedDecimal(20_000)) == 1)
    #expect(jump(2, FixedDecimal(2_000_000)) == 0)
  }
}
