import Decoders
import Testing

@testable import Base
@testable import Simulator

/// 2026-11-20 12:00:00 UTC, a Friday.
let simulatedNoon = WallTime(milliseconds: 1_795_176_000_000)

extension WallTime {
  func later(_ seconds: Int64) -> WallTime { WallTime(milliseconds: milliseconds + seconds * 1000) }
}

/// The first bracket of a line, without its unit.
private func value(_ code: String, in telegram: [UInt8]) -> String? {
  let text = String(decoding: telegram, as: UTF8.self)
  guard let line = text.split(separator: "\r\n").first(where: { $0.hasPrefix("\(code)(") }) else { return nil }
  return line.dropFirst(code.count + 1).prefix { $0 != "*" && $0 != ")" }.description
}

/// A value with three decimals as thousandths.
private func thousandths(_ code: String, in telegram: [UInt8]) -> Int64? {
  value(code, in: telegram).flatMap { Int64($0.filter { $0 != "." }) }
}

private let dialects: [SimulatedKind] = SimulatedKind.allCases.filter { $0.dialect != nil }

@Suite struct SimulatedP1MeterTests {
  private func meter(_ kind: SimulatedKind, seed: UInt64 = 1) throws -> SimulatedP1Meter {
    guard case .p1(var meter) = kind.meter(seed: seed) else { throw SimulatorError(message: "\(kind) is no P1 meter") }
    // `SimulatedCipherTests` has the cipher around it.
    meter.cipher = nil
    return meter
  }

  @Test("telegrams are well-formed", arguments: dialects)
  func wellFormed(kind: SimulatedKind) throws {
    var meter = try meter(kind)
    for step in 0..<200 {
      let telegram = meter.telegram(at: simulatedNoon.later(Int64(step) * 977))
      #expect(telegram.first == 0x2F)
      #expect(telegram.suffix(2) == [0x0D, 0x0A])
      let mark = try #require(telegram.lastIndex(of: 0x21))
      let checksum = String(decoding: telegram[(mark + 1)...].dropLast(2), as: UTF8.self)
      if kind == .p1Version2 {
        #expect(checksum.isEmpty)
        #expect(telegram.allSatisfy { $0 < 0x80 })
      } else {
        let body = Array(telegram[...mark])
        #expect(UInt16(checksum, radix: 16) == CRC16.arc(body.span))
        #expect(checksum.count == 4)
      }
    }
  }

  @Test("totals never fall in a week", arguments: dialects)
  func totals(kind: SimulatedKind) throws {
    var meter = try meter(kind)
    let codes = [
      "1-0:1.8.0", "1-0:1.8.1", "1-0:1.8.2", "1-0:2.8.0", "1-0:2.8.1", "1-0:2.8.2", "1-0:3.8.0", "1-0:4.8.0",
    ]
    var last: [String: Int64] = [:]
    var first: [String: Int64] = [:]
    var lastLitres: (Int64, Int64) = (0, 0)
    for quarter in 0...672 {
      let telegram = meter.telegram(at: simulatedNoon.later(Int64(quarter) * 900))
      for code in codes {
        guard let count = thousandths(code, in: telegram) else { continue }
        #expect(count >= last[code, default: 0], "\(code) after \(quarter) quarter hours")
        last[code] = count
        if quarter == 0 { first[code] = count }
      }
      let litres = (meter.gas?.capture.litres ?? 0, meter.water?.capture.litres ?? 0)
      #expect(litres.0 >= lastLitres.0 && litres.1 >= lastLitres.1)
      lastLitres = litres
    }
    // A week of a house: some ten to some hundred kWh, and both tariffs have run.
    let rise = ["1-0:1.8.0", "1-0:1.8.1", "1-0:1.8.2"].compactMap { code in last[code].map { $0 - (first[code] ?? 0) } }
    #expect(rise.allSatisfy { $0 > 10_000 })
    #expect((30_000...600_000).contains(rise.reduce(0, +)))
  }

  @Test("totals agree with the power", arguments: [SimulatedKind.p1Netherlands, .p1Belgium])
  func totalsAndPower(kind: SimulatedKind) throws {
    var meter = try meter(kind)
    var first: Int64 = 0
    var imported: Int64 = 0
    for second in 0...7200 {
      let telegram = meter.telegram(at: simulatedNoon.later(Int64(second)))
      let totals = ["1-0:1.8.1", "1-0:1.8.2"].compactMap { thousandths($0, in: telegram) }.reduce(0, +)
      if second == 0 { first = totals }
      #expect(abs(totals - first - imported / 3600) <= 1, "after \(second) s")
      let intake = try #require(thousandths("1-0:1.7.0", in: telegram))
      let feedIn = try #require(thousandths("1-0:2.7.0", in: telegram))
      #expect(intake == 0 || feedIn == 0)
      imported += intake
      let phasesIn = ["21", "41", "61"].compactMap { thousandths("1-0:\($0).7.0", in: telegram) }
      let phasesOut = ["22", "42", "62"].compactMap { thousandths("1-0:\($0).7.0", in: telegram) }
      #expect(phasesIn.reduce(0, +) - phasesOut.reduce(0, +) == intake - feedIn)
    }
    #expect(imported > 0)
  }

  @Test("the first telegram shows the start values")
  func startValues() throws {
    var registers = SimulatedElectricity.Registers()
    registers.energyImport = [1_234_567, 89]
    registers.power = [-1500, 200, 300]
    registers.voltage = [23_012, 22_999, 23_150]
    registers.current = [652, 87, 131]
    var meter = SimulatedP1Meter(.netherlands5, registers: registers, gasLitres: 1, seed: 3)
    let telegram = meter.telegram(at: simulatedNoon)
    #expect(value("1-0:1.8.1", in: telegram) == "001234.567")
    #expect(value("1-0:1.8.2", in: telegram) == "000000.089")
    #expect(value("1-0:1.7.0", in: telegram) == "00.000")
    #expect(value("1-0:2.7.0", in: telegram) == "01.000")
    #expect(value("1-0:22.7.0", in: telegram) == "01.500")
    #expect(value("1-0:32.7.0", in: telegram) == "230.1")
    #expect(value("1-0:31.7.0", in: telegram) == "006")
    #expect(value("0-0:1.0.0", in: telegram) == "261120130000W")
    #expect(value("0-0:96.14.0", in: telegram) == "0002")
    #expect(String(decoding: telegram, as: UTF8.self).contains("0-1:24.2.1(261120130000W)(00000.001*m3)"))
    // Time that stands still changes nothing.
    #expect(meter.telegram(at: simulatedNoon) == telegram)
  }

  @Test("equal seeds give equal days", arguments: dialects)
  func seeds(kind: SimulatedKind) throws {
    var meters = [try meter(kind, seed: 7), try meter(kind, seed: 7), try meter(kind, seed: 8)]
    var differences = 0
    for minute in 0..<30 {
      let time = simulatedNoon.later(Int64(minute) * 60)
      let telegrams = meters.indices.map { meters[$0].telegram(at: time) }
      #expect(telegrams[0] == telegrams[1])
      if telegrams[0] != telegrams[2] { differences += 1 }
    }
    #expect(differences > 20)
  }

  @Test("the demand of a quarter of an hour builds up, and the peak is kept")
  func demand() throws {
    var meter = try meter(.p1Belgium)
    _ = meter.telegram(at: simulatedNoon)
    let before = try #require(meter.electricity.demand)
    #expect(before.history.count == 4)
    #expect(before.history.map(\.end) == before.history.map(\.end).sorted())
    #expect(before.average == 0)
    _ = meter.telegram(at: simulatedNoon.later(600))
    let building = try #require(meter.electricity.demand)
    #expect(building.average > 0)
    // Over the turn of the month the peak goes into the history.
    for day in 1...14 { _ = meter.telegram(at: simulatedNoon.later(Int64(day) * 86_400)) }
    let after = try #require(meter.electricity.demand)
    #expect(after.history.count == 5)
    #expect(after.history.last?.end == LocalClock.central.monthStart(simulatedNoon.milliseconds / 1000 + 14 * 86_400))
    #expect(after.history.last?.peak.power ?? 0 >= before.peak.power)
    #expect(after.peak.power > 0)
  }

  @Test("faults come in the order of the script")
  func script() throws {
    var port = P1Simulation(
      try meter(.p1Netherlands), faults: [.none, .badChecksum, .cut(100), .noise([1, 2, 3]), .restart(50), .silent])
    var telegrams: [[UInt8]] = []
    for second in 0..<7 {
      let moment = SimulatedMoment(now: Instant(milliseconds: Int64(second) * 1000), world: simulatedNoon)
      let sent = port.due(at: moment)
      #expect(sent.count == 1)
      #expect(port.wakes == moment.now + .seconds(1))
      telegrams.append(contentsOf: sent.map(\.bytes))
    }
    let good = telegrams[0]
    #expect(telegrams[1].count == good.count)
    #expect(zip(telegrams[1], good).count { $0 != $1 } == 1)
    #expect(telegrams[2] == Array(good.prefix(100)))
    #expect(telegrams[3] == [1, 2, 3] + good)
    #expect(telegrams[4] == Array(good.prefix(50)) + good)
    #expect(telegrams[5].isEmpty)
    #expect(telegrams[6] == good)
  }

  @Test("missed telegrams are not sent later")
  func missedTelegrams() throws {
    var port = P1Simulation(try meter(.p1Sweden))
    func due(_ milliseconds: Int64) -> Int {
      port.due(at: SimulatedMoment(now: Instant(milliseconds: milliseconds), world: simulatedNoon)).count
    }
    #expect(due(5) == 1)
    #expect(due(10_004) == 0)
    #expect(due(35_000) == 1)
    #expect(due(39_000) == 0)
    #expect(due(40_005) == 1)
  }
}
