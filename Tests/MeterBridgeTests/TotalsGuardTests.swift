import Decoders
import Testing

@testable import Base
@testable import MeterBridge
@testable import Meters

private let total = FieldKey(.energyImport)

/// A guard with a clock of its own, and readings made of texts.
private struct Post {
  var guardian: TotalsGuard
  var bounds = GuardedTotal.Bounds(limit: .usual)
  var sums: [FieldName] = []
  var serial: String? = "1"
  var now = Instant(milliseconds: 1_000_000)
  var wall = WallTime(milliseconds: 1_795_172_401_250)

  init(_ memory: DeviceTotals = DeviceTotals()) { guardian = TotalsGuard(memory) }

  /// Sends a reading a second later; returns its values, and what was told.
  mutating func send(
    _ values: [(FieldKey, String)], unit: Unit = .kilowattHour, after time: Milliseconds = .seconds(1)
  ) -> (values: [String], outcome: TotalsGuard.Outcome) {
    now = now + time
    wall.milliseconds += time.count
    var reading = Reading(meter: MeterIdentity(medium: .electricity))
    if let serial { reading.meter.number = .text(reading.keep(serial.utf8)) }
    reading.fields = values.map { Field($0.0, FixedDecimal(plain: $0.1).map { .number($0) } ?? .absent(.noData), unit) }
    var bounds = bounds
    bounds.isTelegramEmpty = TotalsGuard.isEmpty([reading])
    let outcome = guardian.check(
      &reading, .init(now: .init(wall: wall, instant: now), bounds: bounds, sums: sums))
    return (reading.fields.map { "\(reading.topicLevel($0)) \(text($0.value))" }, outcome)
  }

  private func text(_ value: Field.Value) -> String {
    if case .number(let number) = value { number.description } else { "" }
  }

  /// Sends one value after the other; what of them comes out, `-` for what is held back.
  mutating func pass(_ texts: String..., after time: Milliseconds = .seconds(1)) -> [String] {
    texts.map { text in
      let values = send([(total, text), (FieldKey(.onTime), "1")], after: time).values
      return values.first { $0.hasPrefix("energy_import ") }.map { String($0.dropFirst(14)) } ?? "-"
    }
  }
}

struct TotalsGuardTests {
  @Test func aZeroBetweenTwoGoodValuesIsHeldBack() {
    var post = Post()
    let first = post.send([(total, "1000")])
    #expect(first.outcome.findings.isEmpty)
    #expect(post.pass("1000.5") == ["1000.5"])
    let glitch = post.send([(total, "0")])
    #expect(glitch.values.isEmpty)
    #expect(glitch.outcome.findings.map(\.verdict) == [.held(.fell)])
    #expect(glitch.outcome.findings.first?.letter == 0)
    #expect(
      glitch.outcome.findings.first?.complaint(of: "grid", limit: .usual)
        == "energy_import fell from 1000.5 to 0 kWh; "
        + "held back until 5 telegrams agree or you run `meterbridge accept grid`")
    #expect(post.pass("1001") == ["1001"])
  }

  @Test func fiveAgreeingTelegramsAreBelievedAndTheFifthIsPublished() {
    var post = Post()
    #expect(post.pass("1000", "3", "3.1", "3.1", "3.2", "3.3", "3.4") == ["1000", "-", "-", "-", "-", "3.3", "3.4"])
  }

  @Test func telegramsThatDoNotAgreeBeginToCountAnew() {
    var post = Post()
    #expect(
      post.pass("1000", "3", "4", "2", "3", "4", "5", "6") == ["1000", "-", "-", "-", "-", "-", "-", "6"])
    // Too far from one another to agree.
    #expect(post.pass("500", "700", "900") == ["-", "-", "-"])
    // A good value in between ends it.
    #expect(post.pass("5", "5", "5", "5", "7", "5", "5", "5", "5", "8").suffix(6) == ["7", "-", "-", "-", "-", "8"])
  }

  @Test func aJumpIsHeldAgainstPowerAndTime() {
    var post = Post()
    // A quarter of an hour of 100 kW are 25 kWh, however soon the telegram comes.
    #expect(post.pass("1000.000", "1025.000", "1050.001", "1050.000") == ["1000.000", "1025.000", "-", "1050.000"])
    #expect(post.pass("1250.000", after: .minutes(120)) == ["1250.000"])
    #expect(post.pass("1450.001", after: .minutes(120)) == ["-"])
    post.bounds.limit = JumpLimit(power: FixedDecimal(1_000_000))
    #expect(post.pass("1500.000") == ["1500.000"])
    let jump = post.send([(total, "99999999999.9"), (FieldKey(.onTime), "1")], after: .minutes(240))
    #expect(
      jump.outcome.findings.first?.complaint(of: "grid", limit: post.bounds.limit)
        == "energy_import rose from 1500.000 to 99999999999.9 kWh, more than max_power (1000 kW) allows in 4 h; "
        + "held back until 5 telegrams agree or you run `meterbridge accept grid`")
    post.bounds.limit = nil
    #expect(post.pass("9999999999999999.9") == ["9999999999999999.9"])
  }

  @Test func registersOfOtherUnitsAreHeldAgainstTheSamePower() {
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

  @Test func aRegisterThatCountsInLargeStepsMayMakeOne() {
    var post = Post()
    // Transformers of 4000: 12.34 × 4000.
    post.bounds.step = 4000
    #expect(post.pass("49360.00", "49400.00", "49440.01") == ["49360.00", "49400.00", "-"])
    var coarse = Post()
    #expect(coarse.pass("12e3", "13e3", "15e3") == ["12000", "13000", "-"])
    // A number in floating point may lose its decimals, but makes no step of its first digit.
    var floating = Post()
    #expect(floating.pass("1000.5", "1e20") == ["1000.5", "-"])
  }

  /// A heat meter that counts whole gigajoules, 277.778 kWh each, in a house that takes 20 kW at most.
  @Test func aStepOfTheRegisterIsOneAlsoWhereItsUnitIsAnotherOne() {
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
      return guardian.check(&reading, .init(now: moment, bounds: bounds)).findings.isEmpty
    }
    #expect(["1", "2", "3", "5"].map(send) == [true, true, true, false])
    // A number in floating point that has lost its decimals is no register of whole gigajoules.
    #expect(["3.01", "4"].map(send) == [true, false])
  }

  @Test func aFirstZeroCountsUnlessTheWholeTelegramIsZero() {
    var post = Post()
    let export = FieldKey(.energyExport)
    let mixed = post.send([(total, "0.000"), (export, "12.000")])
    #expect(mixed.values == ["energy_import 0.000", "energy_export 12.000"])
    var empty = Post()
    for count in 1...5 {
      let sent = empty.send([(total, "0.000"), (export, "0.000"), (FieldKey(.power), "0")])
      #expect(sent.values.count == (count < 5 ? 1 : 3))
      #expect(sent.outcome.findings.count == 2)
    }
    // What counts is believed at once.
    var counting = Post()
    #expect(counting.send([(total, "0"), (export, "0")]).values.isEmpty)
    #expect(counting.send([(total, "0.1"), (export, "0")]).values == ["energy_import 0.1", "energy_export 0"])
  }

  @Test func aRegisterThatWasAboveZeroBeforeARestartHasNoFirstZero() {
    var post = Post()
    #expect(post.pass("5") == ["5"])
    var again = Post(post.guardian.memory)
    #expect(again.pass("0", "5") == ["-", "5"])
  }

  @Test func anotherNumberIsAnotherMeter() {
    var post = Post()
    #expect(post.pass("1000") == ["1000"])
    post.serial = nil
    #expect(post.pass("0") == ["-"])
    post.serial = "2"
    let exchanged = post.send([(total, "0")])
    #expect(exchanged.values == ["energy_import 0"])
    #expect(exchanged.outcome.exchanged?.from == "1" && exchanged.outcome.exchanged?.to == "2")
    #expect(post.pass("3000.7") == ["-"])
  }

  @Test func aNumberThatComesBackIsNoOtherMeter() throws {
    var post = Post()
    #expect(post.pass("1000") == ["1000"])
    // In some lists a meter is named only by its cipher: that is news once.
    post.serial = "KFM1"
    #expect(post.send([(total, "1000.1")]).outcome.exchanged?.to == "KFM1")
    for value in ["5", "900000", "0"] {
      post.serial = post.serial == "1" ? "KFM1" : "1"
      let sent = post.send([(total, value), (FieldKey(.onTime), "1")])
      #expect(sent.outcome.exchanged == nil)
      #expect(sent.values == ["on_time 1"], "\(value)")
    }
    // Nor is it after a restart.
    var totals = GuardedTotals()
    totals.meters = ["grid": ["grid": post.guardian.memory]]
    let memory = try #require(try GuardedTotals(parsing: totals.encoded()).meters["grid"]?["grid"])
    #expect(memory == DeviceTotals(serial: "1", formerSerials: ["KFM1"], totals: memory.totals))
    var again = Post(memory)
    again.serial = "KFM1"
    #expect(again.pass("3") == ["-"])
    // What is remembered of numbers is bounded.
    for number in 2...100 {
      again.serial = "\(number)"
      #expect(again.pass("3") == ["3"])
    }
    #expect(again.guardian.memory.formerSerials == ["96", "97", "98", "99"])
  }

  @Test func aFullRegisterBeginsAnew() {
    var post = Post()
    #expect(post.pass("99998.7", "0.0", "0.4") == ["99998.7", "-", "0.4"])
    var far = Post()
    #expect(far.pass("99900.0", "0.4") == ["99900.0", "-"])
    var onTheWay = Post()
    #expect(onTheWay.pass("999.9", "0.4") == ["999.9", "-"])
    var quick = Post()
    // 30 kWh over the edge in a quarter of an hour are more than 100 kW.
    #expect(quick.pass("99980.0", "10.0") == ["99980.0", "-"])
    #expect(quick.pass("10.0", after: .minutes(20)) == ["10.0"])
    var told = Post()
    #expect(told.pass("99999.9") == ["99999.9"])
    let finding = told.send([(total, "0.1")]).outcome.findings.first
    #expect(finding?.verdict == .rolledOver)
    #expect(
      finding?.notice(of: "grid")
        == "grid: energy_import passed its highest number and started at 0 again: 0.1 kWh after 99999.9")
  }

  @Test func whatTheUserAcceptsIsBelieved() {
    var post = Post()
    #expect(post.guardian.accept().isEmpty)
    #expect(post.pass("1000", "3") == ["1000", "-"])
    let accepted = post.guardian.accept()
    #expect(accepted.map { "\($0.field.level) \($0.value)" } == ["energy_import 3"])
    #expect(post.guardian.accept().isEmpty)
    #expect(post.pass("3", "2") == ["3", "-"])
  }

  @Test func whatAnEarlierRunHeldBackCanBeBelievedBeforeItComesAgain() {
    var post = Post()
    #expect(post.pass("1000", "3") == ["1000", "-"])
    var again = Post(post.guardian.memory)
    #expect(again.guardian.accept().isEmpty)
    #expect(again.guardian.acceptRemembered().map { "\($0.level) \($0.value)" } == ["energy_import 3"])
    #expect(again.guardian.acceptRemembered().isEmpty)
    #expect(again.pass("3.1") == ["3.1"])
  }

  @Test func aSumThatHasNotComeSinceTheStartBeginsAnewWithThePartThatIsBelieved() {
    let part = FieldKey(.energyImport, tariff: 1)
    var post = Post()
    post.sums = [.energyImport]
    #expect(post.send([(part, "100"), (total, "100")]).values.count == 2)
    var again = Post(post.guardian.memory)
    again.sums = [.energyImport]
    #expect(again.send([(part, "1"), (total, "1")]).values.isEmpty)
    #expect(again.guardian.accept().count == 1)
    #expect(again.send([(part, "1"), (total, "1")]).values == ["energy_import_t1 1", "energy_import 1"])
  }

  @Test func aSumIsNotMadeOfWhatIsHeldBack() {
    var post = Post()
    post.sums = [.energyImport]
    let first = FieldKey(.energyImport, tariff: 1)
    let second = FieldKey(.energyImport, tariff: 2)
    func send(_ one: String, _ two: String, _ sum: String) -> (values: [String], findings: Int) {
      let sent = post.send([(first, one), (second, two), (total, sum)])
      return (sent.values.map { String($0.split(separator: " ")[1]) }, sent.outcome.findings.count)
    }
    #expect(send("100", "200", "300") == (["100", "200", "300"], 0))
    // The second rises by more than the first falls: the sum alone would tell nothing.
    #expect(send("99", "205", "304") == (["205"], 1))
    #expect(send("101", "206", "307") == (["101", "206", "307"], 0))
    for _ in 0..<4 { #expect(send("1", "206", "207") == (["206"], 1)) }
    #expect(send("1", "206", "207") == (["1", "206", "207"], 1))
    #expect(send("0", "207", "207") == (["207"], 1))
    _ = post.guardian.accept()
    #expect(send("0", "208", "208") == (["0", "208", "208"], 0))
  }

  @Test func historyExtremesAndWhatMayFallPassByUnseen() {
    var post = Post()
    let keys = [
      FieldKey(.energyImport, storage: 1), FieldKey(.energyImport, function: .maximum), FieldKey(.energyNet),
      FieldKey(.power),
    ]
    for value in ["5", "4", "900000"] {
      #expect(post.send(keys.map { ($0, value) }).values.count == keys.count)
    }
    #expect(post.send([(FieldKey(.volume), "5")], unit: .cubicMetre).values.count == 1)
    #expect(post.send([(FieldKey(.volume), "900000")], unit: .cubicMetre).values.count == 1)
    #expect(post.send([(FieldKey(.volume), "899999")], unit: .cubicMetre).values.isEmpty)
  }

  @Test func anotherUnitIsNoFall() {
    var post = Post()
    #expect(post.send([(total, "3429.167")]).values.count == 1)
    // 12.345 GJ, of which 3429.167 kWh were rounded up.
    #expect(post.send([(total, "12.345")], unit: .gigajoule).values == ["energy_import 12.345"])
    #expect(post.send([(total, "12.344")], unit: .gigajoule).values == [])
  }

  @Test func theSameValueIsToldOnceAndAFloodIsThinned() {
    var post = Post()
    var letters = 0
    var skipped = 0
    func hold(_ value: String, after time: Milliseconds = .seconds(1)) -> Int? {
      let letter = post.send([(total, value), (FieldKey(.onTime), "1")], after: time).outcome.findings.first?.letter
      if let letter {
        letters += 1
        skipped = max(skipped, letter)
      }
      return letter
    }
    #expect(post.pass("1000") == ["1000"])
    #expect(hold("5") == 0)
    #expect(hold("5") == nil)
    for round in 0..<300 {
      // Never five that agree.
      _ = hold("\(900 - round)")
    }
    // Ten at once, then one a minute.
    #expect(letters == 10 + 5)
    #expect(skipped >= 59)
  }

  @Test func timeIsThatOfReceiptAndSurvivesARestart() throws {
    var post = Post()
    #expect(post.pass("1000") == ["1000"])
    var totals = GuardedTotals()
    totals.meters = ["grid": ["grid": post.guardian.memory]]
    let memory = try #require(try GuardedTotals(parsing: totals.encoded()).meters["grid"]?["grid"])
    /// A run that began with another steady clock, this long after.
    func restarted(after time: Milliseconds) -> Post {
      var later = Post(memory)
      later.now = Instant(milliseconds: 5)
      later.wall = WallTime(milliseconds: post.wall.milliseconds + time.count)
      return later
    }
    var nextDay = restarted(after: .minutes(24 * 60))
    #expect(nextDay.pass("3400") == ["3400"])
    var soon = restarted(after: .minutes(24 * 60))
    #expect(soon.pass("3401") == ["-"])
    // Before the clock is set it is 1970.
    var unset = restarted(after: Milliseconds(-post.wall.milliseconds))
    #expect(unset.pass("1025", "1026") == ["1025", "1026"])
    #expect(unset.pass("1100") == ["-"])
    // What came before the clock was set came nobody knows when.
    var early = Post()
    early.wall = WallTime(milliseconds: 20_000)
    #expect(early.pass("1000") == ["1000"])
    totals.meters = ["grid": ["grid": early.guardian.memory]]
    var later = Post(try #require(try GuardedTotals(parsing: totals.encoded()).meters["grid"]?["grid"]))
    #expect(later.pass("900000", "1025") == ["-", "1025"])
    // A clock that is set while the program runs changes nothing.
    unset.wall = WallTime(milliseconds: .max - 10_000)
    #expect(unset.pass("1100", "1026") == ["-", "1026"])
  }
}

// MARK: - The state file

struct GuardedTotalsTests {
  @Test func theSectionReadsBackAsItWas() throws {
    var post = Post()
    #expect(post.pass("1000.50", "3.00", "3.10") == ["1000.50", "-", "-"])
    #expect(post.send([(FieldKey(.energyExport, tariff: 2), "12e3")]).values.count == 1)
    var totals = GuardedTotals()
    totals.meters = ["grid": ["grid": post.guardian.memory, "grid_gas": DeviceTotals()], "heat": [:]]
    let text = totals.encoded()
    let read = try GuardedTotals(parsing: text)
    #expect(read.encoded() == Array(String(decoding: text, as: UTF8.self).replacing(#","heat":{}"#, with: "").utf8))
    var again = Post(try #require(read.meters["grid"]?["grid"]))
    // Three more agree.
    #expect(again.pass("3.10", "3.10", "3.20") == ["-", "-", "3.20"])
    #expect(read.meters["grid"]?["grid"]?.totals["energy_export_t2"]?.believed?.value == FixedDecimal(12, exponent: 3))
  }

  @Test(arguments: [
    "null", "[]", "{}", #"{"grid":1}"#, #"{"grid":{"grid":[]}}"#, #"{"grid":{"grid":{"totals":{"x":1}}}}"#,
    #"{"grid":{"grid":{"totals":{"energy_import":{"unit":"ell","value":"1","at":"x"}}}}}"#,
    #"{"grid":{"grid":{"totals":{"energy_import":{"unit":"kWh","value":"1e999","at":"2026-11-20T12:00:00Z"}}}}}"#,
    #"{"grid":{"grid":{"totals":{"energy_import":{"unit":"kWh","telegrams":"99999999999999999999"}}}}}"#,
  ])
  func whatCannotBeUnderstoodBeginsAnew(text: String) throws {
    let read = try GuardedTotals(parsing: Array(text.utf8))
    var post = Post(read.meters["grid"]?["grid"] ?? DeviceTotals())
    #expect(post.pass("5", "6") == ["5", "6"])
  }
}

// MARK: - A walk at random, held against a simple model

/// The rules once more, as plainly as can be: whole watt-hours, one register, a telegram each minute.
private struct Model {
  var last: Int?
  var lastMinute = 0
  var agreeing: [(value: Int, minute: Int)] = []

  private func fits(_ value: Int, after old: Int, minutes: Int) -> Bool {
    value >= old && value - old <= max(15, minutes) * 100_000 / 60
  }

  mutating func send(_ value: Int, minute: Int) -> Bool {
    guard let old = last else {
      (last, lastMinute) = (value, minute)
      return true
    }
    if fits(value, after: old, minutes: minute - lastMinute) {
      (last, lastMinute, agreeing) = (value, minute, [])
      return true
    }
    if let newest = agreeing.last, !fits(value, after: newest.value, minutes: minute - newest.minute) { agreeing = [] }
    agreeing.append((value, minute))
    guard agreeing.count == 5 else { return false }
    (last, lastMinute, agreeing) = (value, minute, [])
    return true
  }
}

@Test(arguments: 1...40) func aWalkAtRandomGoesAsTheRulesSay(seed: Int) {
  var random = SplitMix64(seed: UInt64(seed))
  var post = Post()
  var model = Model()
  var meter = Int.random(in: 20_000_000..<80_000_000, using: &random)
  var minute = 0
  var published: Int?
  for _ in 0..<2_000 {
    let pause = Int.random(in: 0..<20, using: &random) == 0 ? Int.random(in: 1...3_000, using: &random) : 1
    minute += pause
    meter += Int.random(in: 0...1_500, using: &random) * min(pause, 60)
    switch Int.random(in: 0..<400, using: &random) {
    case 0: meter = Int.random(in: 20_000_000..<80_000_000, using: &random)
    case 1: meter += Int.random(in: 0...60_000, using: &random)
    default: break
    }
    let isGlitch = Int.random(in: 0..<8, using: &random) == 0
    let glitches = [
      0, meter - Int.random(in: 0...3_000, using: &random), Int.random(in: 0..<90_000_000, using: &random),
    ]
    let value = isGlitch ? glitches[Int.random(in: 0..<3, using: &random)] : meter
    let key = [(total, FixedDecimal(Int64(value), exponent: -3).description), (FieldKey(.onTime), "1")]
    let sent = post.send(key, after: .minutes(Int64(pause)))
    let isOut = sent.values.contains { $0.hasPrefix("energy_import ") }
    #expect(isOut == model.send(value, minute: minute), "seed \(seed), minute \(minute), \(value)")
    guard isOut else { continue }
    let isConfirmed = sent.outcome.findings.contains { $0.verdict == .confirmed }
    if let published, value < published || value - published > max(pause * 100_000 / 60, 2_000_000) {
      #expect(isConfirmed || value > published, "seed \(seed): \(published) then \(value)")
    }
    published = value
  }
}
