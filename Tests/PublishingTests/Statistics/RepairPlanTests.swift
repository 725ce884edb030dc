import Base
import Decoders
import Publishing
import Testing

func number(_ text: String) -> StatisticsNumber { StatisticsNumber(json: Array(text.utf8)) ?? .zero }

/// Rows of Home Assistant from `hour state/sum` words.
func rows(_ text: String) -> [StatisticsRow] {
  text.split(separator: ",").map { part in
    let words = part.split { $0 == " " || $0 == "/" }
    return StatisticsRow(hour: Int64(words[0]) ?? 0, state: number(String(words[1])), sum: number(String(words[2])))
  }
}

/// Hours of the ledger from `hour register` words; `-0.3` behind it is the tolerance, `<4.6` the rest of an old meter.
func ledger(_ text: String) -> [LedgerHour] {
  text.split(separator: ",").map { part in
    let words = part.split(separator: " ")
    var hour = LedgerHour(hour: Int64(words[0]) ?? 0, value: number(String(words[1])))
    for word in words.dropFirst(2) {
      switch word.first {
      case "~": hour.tolerance = number(String(word.dropFirst()))
      case "<": hour.rest = number(String(word.dropFirst()))
      default: hour.isHeld = true
      }
    }
    return hour
  }
}

/// The changes that a dashboard shows, after the plan is carried out.
func changes(_ plan: RepairPlan, over stands: [StatisticsRow]) -> [String] {
  var after = Dictionary(uniqueKeysWithValues: stands.map { ($0.hour, $0.sum) })
  if let adjustment = plan.adjustment {
    for row in stands where row.hour >= plan.returning.hour { after[row.hour] = row.sum + adjustment }
  }
  for row in plan.rows { after[row.hour] = row.sum }
  let hours = after.keys.sorted().filter { $0 >= plan.reference.hour }
  return zip(hours, hours.dropFirst()).map { ((after[$1] ?? .zero) - (after[$0] ?? .zero)).description }
}

@Suite("The plan of a repair") struct RepairPlanTests {
  @Test("two hours without a broker come out as they were measured") func example() throws {
    let stands = rows("12 111.4/11.4,13 112.1/12.1,14 112.3/12.3,16 115.2/15.2,17 115.9/15.9")
    let plan = try RepairPlan(
      ledger("13 112.1,14 112.7,15 114.2,16 115.2"), stands, firstHour: 14, returnHour: 16)
    #expect(plan.rows == rows("14 112.7/12.7,15 114.2/14.2"))
    #expect(plan.adjustment == nil)
    #expect(plan.missing.isEmpty)
    #expect(changes(plan, over: stands) == ["0.6", "1.5", "1", "0.7"])
  }

  @Test("four hours without a broker come out as they were measured") func fourHours() throws {
    let stands = rows("9 50/5,10 50.3/5.3,14 57.4/12.4,15 57.9/12.9")
    let plan = try RepairPlan(
      ledger("9 50,10 50.9,11 52.9,12 53.4,13 56.4,14 57.4,15 57.9"), stands, firstHour: 10, returnHour: 14)
    #expect(changes(plan, over: stands) == ["0.9", "2", "0.5", "3", "1", "0.5"])
  }

  @Test("a sum that a purge restarted goes on, and its bar of minus everything is gone") func purge() throws {
    let stands = rows("100 4.0/21.0,103 6.0/2.0,104 6.5/2.5")
    let plan = try RepairPlan(
      ledger("100 4.0,101 4.6,102 5.3,103 6.0,104 6.5"), stands, firstHour: 101, returnHour: 103)
    #expect(plan.adjustment == number("21"))
    #expect(plan.rows == rows("101 4.6/21.6,102 5.3/22.3"))
    #expect(changes(plan, over: stands) == ["0.6", "0.7", "0.7", "0.5"])
  }

  @Test("the rest of an exchanged meter is added") func exchange() throws {
    let stands = rows("20 900.0/40.0,23 1.0/41.0,24 1.5/41.5")
    let plan = try RepairPlan(
      ledger("20 900.0,21 900.4,22 0.2 <900.6,23 1.0,24 1.5"), stands, firstHour: 21, returnHour: 23)
    #expect(plan.adjustment == number("0.6"))
    #expect(plan.rows == rows("21 900.4/40.4,22 0.2/40.8"))
    #expect(changes(plan, over: stands) == ["0.4", "0.4", "0.8", "0.5"])
  }

  @Test("a meter that was exchanged while the bridge was away is known by its fall") func unseenExchange() throws {
    let stands = rows("20 900.0/40.0,23 1.0/41.0")
    let plan = try RepairPlan(ledger("20 900.0,23 1.0"), stands, firstHour: 21, returnHour: 23)
    #expect(plan.isDone)
    #expect(plan.missing == [21, 22])
  }

  @Test("rows that Home Assistant invented while it was down are replaced") func homeAssistantDown() throws {
    let stands = rows("5 10.0/1.0,6 10.1/1.1,7 10.1/1.1,8 10.1/1.1,9 13.4/4.4")
    let plan = try RepairPlan(ledger("5 10.0,6 10.8,7 12.0,8 12.2,9 13.4"), stands, firstHour: 6, returnHour: 9)
    #expect(changes(plan, over: stands) == ["0.8", "1.2", "0.2", "1.2"])
  }

  @Test("an invented row of an hour without a telegram keeps the register before it") func inventedAndSilent() throws {
    let stands = rows("5 10/1,6 10/1,7 10/1,8 10/1,9 13/4")
    let plan = try RepairPlan(ledger("5 10,6 11,8 12,9 13"), stands, firstHour: 6, returnHour: 9)
    #expect(plan.rows == rows("6 11/2,7 11/2,8 12/3"))
  }

  @Test("what Home Assistant saw before a bridge was killed stays") func killed() throws {
    let stands = rows("11 10/1,12 11/2,13 12.5/3.5,14 14/5")
    let plan = try RepairPlan(ledger("11 10,12 11,14 14"), stands, firstHour: 12, returnHour: 14)
    #expect(plan.isDone)
    #expect(plan.missing.isEmpty)
    let other = rows("11 10/1,13 12.5/3.5,14 14/5")
    #expect(try RepairPlan(ledger("11 10,12 11,14 14"), other, firstHour: 12, returnHour: 14).rows == rows("12 11/2"))
  }

  @Test("a return before the outage, by a clock that was set back, is none") func returnBefore() {
    let stands = rows("3 1/1,13 112.1/12.1,14 112.3/12.3")
    #expect(throws: RepairObstacle.noReturnRow) {
      try RepairPlan(ledger("3 1,13 112.1,14 112.7"), stands, firstHour: 15, returnHour: 2)
    }
  }

  @Test("an hour is not above a return hour that lacks the last step of the register") func lastStep() throws {
    let hours = ledger("13 112.1,14 112.7,15 115.3 ~0.2,16 115.4 ~0.3")
    let stands = rows("13 112.1/12.1,16 115.2/15.2")
    let plan = try RepairPlan(hours, stands, firstHour: 14, returnHour: 16)
    #expect(plan.rows == rows("14 112.7/12.7,15 115.2/15.2"))
    #expect(changes(plan, over: stands) == ["0.6", "2.5", "0"])
  }

  @Test("an hour that was not measured gets no row") func neverInterpolated() throws {
    let stands = rows("13 112.1/12.1,17 116/16")
    let plan = try RepairPlan(ledger("13 112.1,14 112.7,16 115,17 116"), stands, firstHour: 14, returnHour: 17)
    #expect(plan.rows.map(\.hour) == [14, 16])
    #expect(plan.missing == [15])
  }

  @Test("an hour whose last values are held back gets no row") func heldBack() throws {
    let stands = rows("13 112.1/12.1,16 115.2/15.2")
    let plan = try RepairPlan(ledger("13 112.1,14 112.7,15 114.2 held,16 115.2"), stands, firstHour: 14, returnHour: 16)
    #expect(plan.rows.map(\.hour) == [14])
  }

  @Test("without the row of the return hour nothing is planned: a row for an hour that is not compiled wrecks it")
  func noReturnRow() {
    let stands = rows("13 112.1/12.1,14 112.3/12.3,15 114/14")
    #expect(throws: RepairObstacle.noReturnRow) {
      try RepairPlan(ledger("13 112.1,14 112.7,15 114.2,16 115.2"), stands, firstHour: 14, returnHour: 16)
    }
  }

  @Test("no row is ever planned for the return hour, or behind it") func onlyBefore() throws {
    let stands = rows("13 112.1/12.1,18 117/17")
    let plan = try RepairPlan(
      ledger("13 112.1,14 112.7,15 114.2,16 115.2,17 116,18 117,19 118"), stands, firstHour: 14, returnHour: 16)
    #expect(plan.rows.map(\.hour) == [14, 15, 16, 17])
  }

  @Test("a state that is not the ledger's stops the repair, at both ends") func otherStates() {
    let hours = ledger("13 112.1 ~0.1,14 112.7,15 114.2,16 115.2 ~0.1")
    #expect(throws: RepairObstacle.otherState(hour: 13, home: number("111.9"), ledger: number("112.1"))) {
      try RepairPlan(hours, rows("13 111.9/12.1,16 115.2/15.4"), firstHour: 14, returnHour: 16)
    }
    #expect(throws: RepairObstacle.otherState(hour: 16, home: number("115.4"), ledger: number("115.2"))) {
      try RepairPlan(hours, rows("13 112.1/12.1,16 115.4/15.4"), firstHour: 14, returnHour: 16)
    }
    #expect(throws: Never.self) {
      try RepairPlan(hours, rows("13 112.0/12.0,16 115.1/15.1"), firstHour: 14, returnHour: 16)
    }
  }

  @Test("a sum that somebody has corrected by hand stays") func correctedByHand() {
    let stands = rows("13 112.1/512.1,16 115.2/512.3")
    #expect(throws: RepairObstacle.unexplainedSum(number("-2.9"))) {
      try RepairPlan(ledger("13 112.1,14 112.7,15 114.2,16 115.2"), stands, firstHour: 14, returnHour: 16)
    }
    #expect(throws: RepairObstacle.unexplainedSum(number("4"))) {
      try RepairPlan(ledger("13 112.1,16 115.2"), rows("13 112.1/12.1,16 115.2/19.2"), firstHour: 14, returnHour: 16)
    }
  }

  @Test("a young sum that somebody has corrected by hand stays, and one that begins again does not") func youngSum()
    throws
  {
    let hours = ledger("13 112.1,16 115.2")
    #expect(throws: RepairObstacle.unexplainedSum(number("-1.9"))) {
      try RepairPlan(hours, rows("13 112.1/0.4,16 115.2/1.6"), firstHour: 14, returnHour: 16)
    }
    let restarted = rows("13 112.1/0.4,16 115.2/3.1")
    #expect(try RepairPlan(hours, restarted, firstHour: 14, returnHour: 16).adjustment == number("0.4"))
    let later = rows("13 112.1/12.1,16 115.2/0.2")
    #expect(try RepairPlan(hours, later, firstHour: 14, returnHour: 16).adjustment == number("15"))
  }

  @Test("a used meter in the place of another one stops the repair") func usedMeter() {
    #expect(throws: RepairObstacle.usedMeter(hour: 22)) {
      try RepairPlan(
        ledger("20 900,21 900.4,22 5000 <900.6,23 5001"), rows("20 900/40,23 5001/4141"), firstHour: 21, returnHour: 23)
    }
  }

  @Test("sums that would fall stop the repair") func notMonotonic() {
    #expect(throws: RepairObstacle.notMonotonic(hour: 16)) {
      try RepairPlan(
        ledger("13 112.1,14 112.7,15 114.2,16 113.2"), rows("13 112.1/12.1,16 113.2/13.2"), firstHour: 14,
        returnHour: 16)
    }
    #expect(throws: RepairObstacle.notMonotonic(hour: 15)) {
      try RepairPlan(
        ledger("13 112.1,14 112.7,15 112.3,16 113.2"), rows("13 112.1/12.1,16 113.2/13.2"), firstHour: 14,
        returnHour: 16)
    }
  }

  @Test("sums that would fall by less than a min_interval stop the repair too, beside rows that stand as well")
  func slightFall() {
    #expect(throws: RepairObstacle.notMonotonic(hour: 15)) {
      try RepairPlan(
        ledger("13 112.1,14 112.7,15 112.65,16 113.2 ~0.1"), rows("13 112.1/12.1,16 113.2/13.2"), firstHour: 14,
        returnHour: 16)
    }
    #expect(throws: RepairObstacle.notMonotonic(hour: 16)) {
      try RepairPlan(
        ledger("13 112.1,14 112.7,16 115.2"), rows("13 112.1/12.1,15 120/20,16 115.2/15.2"), firstHour: 14,
        returnHour: 16)
    }
  }

  @Test("a second time there is nothing to do") func repeated() throws {
    let stands = rows("13 112.1/12.1,14 112.7/12.7,15 114.2/14.2,16 115.2/15.2")
    let plan = try RepairPlan(ledger("13 112.1,14 112.7,15 114.2,16 115.2"), stands, firstHour: 14, returnHour: 16)
    #expect(plan.isDone)
    let corrected = rows("100 4.0/21.0,101 4.6/21.6,102 5.3/22.3,103 6.0/23.0")
    #expect(
      try RepairPlan(ledger("100 4,101 4.6,102 5.3,103 6"), corrected, firstHour: 101, returnHour: 103).isDone)
  }

  @Test("two hours that are one on the wall are two in UTC") func summerTimeEnds() throws {
    // 2026-10-25 00:00 and 01:00 UTC are both 02:00 in Vienna.
    let first: Int64 = 498_024
    let stands = rows("\(first - 1) 10/1,\(first + 2) 13/4")
    let plan = try RepairPlan(
      ledger("\(first - 1) 10,\(first) 10.5,\(first + 1) 12,\(first + 2) 13"), stands, firstHour: first,
      returnHour: first + 2)
    #expect(plan.rows.map { WallTime(hour: $0.hour).hourText } == ["2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z"])
    #expect(changes(plan, over: stands) == ["0.5", "1.5", "1"])
  }

  @Test("the ledger is converted into the unit of the statistics") func units() {
    let row = HourRow(
      device: "grid", level: "energy_import", hour: 1, value: FixedDecimal(1127, exponent: -1), unit: .kilowattHour,
      at: WallTime(milliseconds: 0), before: FixedDecimal(1126, exponent: -1))
    #expect(LedgerHour(row, in: .megawattHour)?.value == number("0.1127"))
    #expect(LedgerHour(row, in: .megawattHour)?.tolerance == number("0.000101"))
    #expect(LedgerHour(row, in: .kilowattHour)?.tolerance == number("0.101"))
    #expect(LedgerHour(row, in: .wattHour)?.value == number("112700"))
    #expect(LedgerHour(row, in: .cubicMetre) == nil)
  }

  @Test(
    "numbers of JSON lose the noise of binary floating point and nothing else",
    arguments: [
      ("12.100000000000001", "12.1"), ("-19", "-19"), ("1e-05", "0.00001"), ("1.5E3", "1500"), ("0.0", "0"),
      ("123456789.123456789", "123456789.123456789"), ("2.9999999999999996", "3"), ("-0.1", "-0.1"),
    ])
  func numbers(text: String, exact: String) {
    #expect(StatisticsNumber(json: Array(text.utf8))?.description == exact)
  }

  @Test("what is not a number is nothing", arguments: ["", "null", "\"1\"", "1e999", "1.2.3", "nan"])
  func notNumbers(text: String) { #expect(StatisticsNumber(json: Array(text.utf8)) == nil) }
}
