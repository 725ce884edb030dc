import Decoders
import Testing
import TestSupport

@testable import Base
@testable import MeterBridge
@testable import Meters

private let total = FieldKey(.energyImport)

struct GuardedTotalsTests {
  @Test("the section reads back as it was")
  func roundTrip() throws {
    var harness = GuardHarness()
    #expect(harness.pass("1000.50", "3.00", "3.10") == ["1000.50", "-", "-"])
    #expect(harness.send([(FieldKey(.energyExport, tariff: 2), "12e3")]).values.count == 1)
    var totals = GuardedTotals()
    totals.meters = ["grid": ["grid": harness.guardian.memory, "grid_gas": DeviceTotals()], "heat": [:]]
    let text = totals.encoded()
    let read = try GuardedTotals(parsing: text)
    #expect(read.encoded() == Array(String(decoding: text, as: UTF8.self).replacing(#","heat":{}"#, with: "").utf8))
    var again = GuardHarness(try #require(read.meters["grid"]?["grid"]))
    // Three more agree.
    #expect(again.pass("3.10", "3.10", "3.20") == ["-", "-", "3.20"])
    #expect(read.meters["grid"]?["grid"]?.totals["energy_export_t2"]?.believed?.value == FixedDecimal(12, exponent: 3))
  }

  @Test("numbers read back, and those of older files are learnt anew")
  func numbers() throws {
    var totals = GuardedTotals()
    let known = DeviceTotals(number: MeterNumber("KFM1", rank: 6), formerNumbers: ["A", "B"])
    totals.meters = ["grid": ["grid": known]]
    #expect(try GuardedTotals(parsing: totals.encoded()) == totals)
    let old = #"{"grid":{"grid":{"serial":"KFM1","former_serials":["A"],"totals":{}}}}"#
    #expect(try GuardedTotals(parsing: Array(old.utf8)).meters["grid"]?["grid"] == DeviceTotals())
  }

  @Test(
    "an unreadable section begins anew",
    arguments: [
      "null", "[]", "{}", #"{"grid":1}"#, #"{"grid":{"grid":[]}}"#, #"{"grid":{"grid":{"totals":{"x":1}}}}"#,
      #"{"grid":{"grid":{"totals":{"energy_import":{"unit":"ell","value":"1","at":"x"}}}}}"#,
      #"{"grid":{"grid":{"totals":{"energy_import":{"unit":"kWh","value":"1e999","at":"2026-11-20T12:00:00Z"}}}}}"#,
      #"{"grid":{"grid":{"totals":{"energy_import":{"unit":"kWh","telegrams":"99999999999999999999"}}}}}"#,
    ])
  func unreadable(text: String) throws {
    let read = try GuardedTotals(parsing: Array(text.utf8))
    var harness = GuardHarness(read.meters["grid"]?["grid"] ?? DeviceTotals())
    #expect(harness.pass("5", "6") == ["5", "6"])
  }

  @Test("times are those of receipt, and survive a restart")
  func restart() throws {
    var harness = GuardHarness()
    #expect(harness.pass("1000") == ["1000"])
    var totals = GuardedTotals()
    totals.meters = ["grid": ["grid": harness.guardian.memory]]
    let memory = try #require(try GuardedTotals(parsing: totals.encoded()).meters["grid"]?["grid"])
    /// A run that began with another steady clock, this long after.
    func restarted(after time: Milliseconds) -> GuardHarness {
      var later = GuardHarness(memory)
      later.now = Instant(milliseconds: 5)
      later.wall = WallTime(milliseconds: harness.wall.milliseconds + time.count)
      return later
    }
    var nextDay = restarted(after: .minutes(24 * 60))
    #expect(nextDay.pass("3400") == ["3400"])
    var soon = restarted(after: .minutes(24 * 60))
    #expect(soon.pass("3401") == ["-"])
    // Before the clock is set it is 1970.
    var unset = restarted(after: Milliseconds(-harness.wall.milliseconds))
    #expect(unset.pass("1025", "1026") == ["1025", "1026"])
    #expect(unset.pass("1100") == ["-"])
    // What came before the clock was set came nobody knows when.
    var early = GuardHarness()
    early.wall = WallTime(milliseconds: 20_000)
    #expect(early.pass("1000") == ["1000"])
    totals.meters = ["grid": ["grid": early.guardian.memory]]
    var later = GuardHarness(try #require(try GuardedTotals(parsing: totals.encoded()).meters["grid"]?["grid"]))
    #expect(later.pass("900000", "1025") == ["-", "1025"])
    // A clock that is set while the program runs changes nothing.
    unset.wall = WallTime(milliseconds: .max - 10_000)
    #expect(unset.pass("1100", "1026") == ["-", "1026"])
  }
}
