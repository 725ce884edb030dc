import Decoders
import Testing
import TestSupport

@testable import Base
@testable import Meters

private let total = FieldKey(.energyImport)

struct TotalsGuardTests {
  @Test("a zero between two good values is held back")
  func zero() {
    var harness = GuardHarness()
    let first = harness.send([(total, "1000")])
    #expect(first.outcome.findings.isEmpty)
    #expect(harness.pass("1000.5") == ["1000.5"])
    let glitch = harness.send([(total, "0")])
    #expect(glitch.values.isEmpty)
    #expect(glitch.outcome.findings.map(\.verdict) == [.held(.fell)])
    #expect(glitch.outcome.findings.first?.isNews == true)
    #expect(
      glitch.outcome.findings.first?.complaint(of: "grid", limit: .usual)
        == "energy_import fell from 1000.5 to 0 kWh; held back until 5 telegrams agree or you run `meterbridge accept grid`"
    )
    #expect(harness.pass("1001") == ["1001"])
  }

  @Test("fewer digits of the same value are not a fall where a PIN hides digits, and never replace more of them")
  func coarser() {
    var harness = GuardHarness()
    harness.bounds.losesDigits = true
    #expect(harness.pass("2043", "2043.1047", "2043", "2043.1051") == ["2043", "2043.1047", "-", "2043.1051"])
    let again = harness.send([(total, "2043"), (FieldKey(.onTime), "1")])
    #expect(again.outcome.findings.compactMap { $0.complaint(of: "grid", limit: nil) } == [])
    #expect(again.outcome.held == ["energy_import"])
    // The next whole number is above it, and a smaller one has fallen.
    #expect(harness.pass("2044", "2043", "2044.0000", "2044") == ["2044", "-", "2044.0000", "-"])
    #expect(harness.send([(total, "2042")]).outcome.findings.map(\.verdict) == [.held(.fell)])
    harness.bounds.step = 40
    #expect(harness.pass("81764.1880", "81760", "81724") == ["-", "-", "-"])
    harness.bounds.losesDigits = false
    var other = GuardHarness()
    #expect(other.pass("2043.1047", "2043") == ["2043.1047", "-"])
    #expect(other.send([(total, "2043")]).outcome.findings.map(\.verdict) == [.held(.fell)])
  }

  @Test("five telegrams that agree are believed, and the fifth is published")
  func fiveAgree() {
    var harness = GuardHarness()
    #expect(harness.pass("1000", "3", "3.1", "3.1", "3.2", "3.3", "3.4") == ["1000", "-", "-", "-", "-", "3.3", "3.4"])
  }

  @Test("telegrams that do not agree start the count again")
  func disagreement() {
    var harness = GuardHarness()
    #expect(
      harness.pass("1000", "3", "4", "2", "3", "4", "5", "6") == ["1000", "-", "-", "-", "-", "-", "-", "6"])
    // Too far from one another to agree.
    #expect(harness.pass("500", "700", "900") == ["-", "-", "-"])
    // A good value in between ends it.
    #expect(harness.pass("5", "5", "5", "5", "7", "5", "5", "5", "5", "8").suffix(6) == ["7", "-", "-", "-", "-", "8"])
  }

  @Test("a jump is compared with power and time")
  func jump() {
    var harness = GuardHarness()
    // A quarter of an hour of 100 kW are 25 kWh, however soon the telegram comes.
    #expect(harness.pass("1000.000", "1025.000", "1050.001", "1050.000") == ["1000.000", "1025.000", "-", "1050.000"])
    #expect(harness.pass("1250.000", after: .minutes(120)) == ["1250.000"])
    #expect(harness.pass("1450.001", after: .minutes(120)) == ["-"])
    harness.bounds.limit = JumpLimit(power: FixedDecimal(1_000_000))
    #expect(harness.pass("1500.000") == ["1500.000"])
    let jump = harness.send([(total, "99999999999.9"), (FieldKey(.onTime), "1")], after: .minutes(240))
    #expect(
      jump.outcome.findings.first?.complaint(of: "grid", limit: harness.bounds.limit)
        == "energy_import rose from 1500.000 to 99999999999.9 kWh, more than max_power (1000 kW) allows in 4 h; "
        + "held back until 5 telegrams agree or you run `meterbridge accept grid`")
    harness.bounds.limit = nil
    #expect(harness.pass("9999999999999999.9") == ["9999999999999999.9"])
  }

  @Test("registers of other units are compared with the same power")
  func otherUnits() {
    let limit = JumpLimit.usual
    let cases: [(Unit, String, String)] = [
      (.kilowattHour, "25", "25.001"), (.wattHour, "25000", "25000.1"), (.gigajoule, "0.09", "0.090001"),
      (.kilovarHour, "25", "25.001"), (.voltAmpereHour, "25000", "25001"),
    ]
    for (unit, least, more) in cases {
      #expect(FixedDecimal(plain: least).map { limit.allows($0, unit, in: .minutes(15)) } == true, "\(unit)")
      #expect(FixedDecimal(plain: more).map { limit.allows($0, unit, in: .minutes(15)) } == false, "\(unit)")
    }
    #expect(limit.allows(FixedDecimal(.max, exponent: 100), .cubicMetre, in: 1))
    #expect(!limit.allows(FixedDecimal(.max, exponent: 100), .kilowattHour, in: Milliseconds(.max)))
  }

  @Test("a register that counts in large steps may make one step")
  func largeSteps() {
    var harness = GuardHarness()
    // Transformers of 4000: 12.34 × 4000.
    harness.bounds.step = 4000
    #expect(harness.pass("49360.00", "49400.00", "49440.01") == ["49360.00", "49400.00", "-"])
    var coarse = GuardHarness()
    #expect(coarse.pass("12e3", "13e3", "15e3") == ["12000", "13000", "-"])
    // A number in floating point may lose its decimals, but makes no step of its first digit.
    var floating = GuardHarness()
    #expect(floating.pass("1000.5", "1e20") == ["1000.5", "-"])
  }

  /// A heat meter that counts whole gigajoules, 277.778 kWh each, in a house that takes 20 kW at most.
  @Test("a step of the register is one step in another unit too")
  func convertedStep() {
    var guardian = TotalsGuard()
    var now = Instant(milliseconds: 0)
    func send(_ gigajoules: String) -> Bool {
      now = now + .minutes(15)
      var reading = Reading(meter: MeterIdentity(medium: .heat))
      guard let number = FixedDecimal(plain: gigajoules),
        let value = number.converted(from: .gigajoule, to: .kilowattHour)
      else { return false }
      reading.rounded = [Reading.WireNumber(field: 0, number: number, unit: .gigajoule)]
      reading.fields = [Field(FieldKey(.energy), .number(value), .kilowattHour)]
      let moment = GuardedTotal.Moment(wall: WallTime(milliseconds: 0), instant: now)
      let bounds = GuardedTotal.Bounds(limit: JumpLimit(power: FixedDecimal(20_000)))
      return guardian.check(&reading, .init(now: moment, bounds: bounds), as: .own).findings.isEmpty
    }
    #expect(["1", "2", "3", "5"].map(send) == [true, true, true, false])
    // A number in floating point that has lost its decimals is no register of whole gigajoules.
    #expect(["3.01", "4"].map(send) == [true, false])
  }

  @Test("a first zero counts, unless the whole telegram is zero")
  func firstZero() {
    var harness = GuardHarness()
    let export = FieldKey(.energyExport)
    let mixed = harness.send([(total, "0.000"), (export, "12.000")])
    #expect(mixed.values == ["energy_import 0.000", "energy_export 12.000"])
    var empty = GuardHarness()
    for count in 1...5 {
      let sent = empty.send([(total, "0.000"), (export, "0.000"), (FieldKey(.power), "0")])
      #expect(sent.values.count == (count < 5 ? 1 : 3))
      #expect(sent.outcome.findings.count == 2)
    }
    // What counts is believed at once.
    var counting = GuardHarness()
    #expect(counting.send([(total, "0"), (export, "0")]).values.isEmpty)
    #expect(counting.send([(total, "0.1"), (export, "0")]).values == ["energy_import 0.1", "energy_export 0"])
  }

  @Test("a register above zero has no first zero after a restart")
  func zeroAfterRestart() {
    var harness = GuardHarness()
    #expect(harness.pass("5") == ["5"])
    var again = GuardHarness(harness.guardian.memory)
    #expect(again.pass("0", "5") == ["-", "5"])
  }

  @Test("a full register begins anew")
  func rollOver() {
    var harness = GuardHarness()
    #expect(harness.pass("99998.7", "0.0", "0.4") == ["99998.7", "-", "0.4"])
    var far = GuardHarness()
    #expect(far.pass("99900.0", "0.4") == ["99900.0", "-"])
    var onTheWay = GuardHarness()
    #expect(onTheWay.pass("999.9", "0.4") == ["999.9", "-"])
    var quick = GuardHarness()
    // 30 kWh over the edge in a quarter of an hour are more than 100 kW.
    #expect(quick.pass("99980.0", "10.0") == ["99980.0", "-"])
    #expect(quick.pass("10.0", after: .minutes(20)) == ["10.0"])
    var told = GuardHarness()
    #expect(told.pass("99999.9") == ["99999.9"])
    let finding = told.send([(total, "0.1")]).outcome.findings.first
    #expect(finding?.verdict == .rolledOver)
    #expect(
      finding?.notice(of: "grid")
        == "grid: energy_import passed its highest number and started at 0 again: 0.1 kWh after 99999.9")
  }

  @Test("an accepted value is believed")
  func accept() {
    var harness = GuardHarness()
    #expect(harness.guardian.accept().isEmpty)
    #expect(harness.pass("1000", "3") == ["1000", "-"])
    let accepted = harness.guardian.accept()
    #expect(accepted.map { "\($0.field.level) \($0.value)" } == ["energy_import 3"])
    #expect(harness.guardian.accept().isEmpty)
    #expect(harness.pass("3", "2") == ["3", "-"])
  }

  @Test("a value held back by an earlier run can be accepted before it comes again")
  func acceptAfterRestart() {
    var harness = GuardHarness()
    #expect(harness.pass("1000", "3") == ["1000", "-"])
    var again = GuardHarness(harness.guardian.memory)
    #expect(again.guardian.accept().isEmpty)
    #expect(again.guardian.acceptRemembered().map { "\($0.level) \($0.value)" } == ["energy_import 3"])
    #expect(again.guardian.acceptRemembered().isEmpty)
    #expect(again.pass("3.1") == ["3.1"])
  }

  @Test("a sum that has not come since the start begins anew with its accepted part")
  func sumAfterRestart() {
    let part = FieldKey(.energyImport, tariff: 1)
    var harness = GuardHarness()
    harness.sums = [.energyImport]
    #expect(harness.send([(part, "100"), (total, "100")]).values.count == 2)
    var again = GuardHarness(harness.guardian.memory)
    again.sums = [.energyImport]
    #expect(again.send([(part, "1"), (total, "1")]).values.isEmpty)
    #expect(again.guardian.accept().count == 1)
    #expect(again.send([(part, "1"), (total, "1")]).values == ["energy_import_t1 1", "energy_import 1"])
  }

  @Test("a sum does not use values that are held back")
  func sum() {
    var harness = GuardHarness()
    harness.sums = [.energyImport]
    let first = FieldKey(.energyImport, tariff: 1)
    let second = FieldKey(.energyImport, tariff: 2)
    func send(_ one: String, _ two: String, _ sum: String) -> (values: [String], findings: Int) {
      let sent = harness.send([(first, one), (second, two), (total, sum)])
      return (sent.values.map { String($0.split(separator: " ")[1]) }, sent.outcome.findings.count)
    }
    #expect(send("100", "200", "300") == (["100", "200", "300"], 0))
    // The second rises by more than the first falls: the sum alone would tell nothing.
    #expect(send("99", "205", "304") == (["205"], 1))
    #expect(send("101", "206", "307") == (["101", "206", "307"], 0))
    for _ in 0..<4 { #expect(send("1", "206", "207") == (["206"], 1)) }
    #expect(send("1", "206", "207") == (["1", "206", "207"], 1))
    #expect(send("0", "207", "207") == (["207"], 1))
    _ = harness.guardian.accept()
    #expect(send("0", "208", "208") == (["0", "208", "208"], 0))
  }

  @Test("history, extremes and values that may fall are not guarded")
  func unguarded() {
    var harness = GuardHarness()
    let keys = [
      FieldKey(.energyImport, storage: 1), FieldKey(.energyImport, function: .maximum), FieldKey(.energyNet),
      FieldKey(.power),
    ]
    for value in ["5", "4", "900000"] {
      #expect(harness.send(keys.map { ($0, value) }).values.count == keys.count)
    }
    #expect(harness.send([(FieldKey(.volume), "5")], unit: .cubicMetre).values.count == 1)
    #expect(harness.send([(FieldKey(.volume), "900000")], unit: .cubicMetre).values.count == 1)
    #expect(harness.send([(FieldKey(.volume), "899999")], unit: .cubicMetre).values.isEmpty)
  }

  @Test("another unit is not a fall")
  func otherUnit() {
    var harness = GuardHarness()
    #expect(harness.send([(total, "3429.167")]).values.count == 1)
    // 12.345 GJ, of which 3429.167 kWh were rounded up.
    #expect(harness.send([(total, "12.345")], unit: .gigajoule).values == ["energy_import 12.345"])
    #expect(harness.send([(total, "12.344")], unit: .gigajoule).values == [])
  }

  @Test("the same value makes one dead letter")
  func letters() {
    var harness = GuardHarness()
    #expect(harness.pass("1000") == ["1000"])
    let held = ["5", "5", "6", "6", "5"].map { value in
      harness.send([(total, value), (FieldKey(.onTime), "1")]).outcome.findings.first?.isNews
    }
    #expect(held == [true, false, true, false, true])
  }
}
