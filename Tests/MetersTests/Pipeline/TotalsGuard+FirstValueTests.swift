import Decoders
import Testing
import TestSupport

@testable import Base
@testable import Meters

private let total = FieldKey(.energyImport)

/// First values of a line without check values.
struct TotalsGuardFirstValueTests {
  private func harness(_ memory: DeviceTotals = DeviceTotals()) -> GuardHarness {
    var harness = GuardHarness(memory)
    harness.protection = .none
    return harness
  }

  @Test("a first value waits for a second that agrees, and nothing else waits")
  func second() {
    var harness = harness()
    let first = harness.send([(total, "1000"), (FieldKey(.power), "7")])
    #expect(first.values == ["power 7"])
    #expect(first.outcome.held == ["energy_import"])
    // It is no fault, so it makes no dead letter.
    #expect(first.outcome.findings.isEmpty)
    let second = harness.send([(total, "1000.1"), (FieldKey(.power), "7")])
    #expect(second.values == ["energy_import 1000.1", "power 7"])
    #expect(second.outcome.findings.isEmpty)
    #expect(harness.pass("1000.2", "999") == ["1000.2", "-"])
  }

  @Test("a first value that the second contradicts is never published", arguments: ["10", "1021", "99999"])
  func contradicted(first: String) {
    var harness = harness()
    #expect(harness.pass(first) == ["-"])
    let second = harness.send([(total, "1050")])
    #expect(second.values.isEmpty)
    #expect(second.outcome.findings.map(\.verdict) == [.held(.contradicted)])
    #expect(
      second.outcome.findings.first?.complaint(of: "grid", limit: .usual)
        == "energy_import was first \(first) and is now 1050 kWh; "
        + "held back until two telegrams agree, because this line has no check value")
    #expect(harness.pass("1050.1", "1050.2") == ["1050.1", "1050.2"])
  }

  @Test("registers without a limit are compared too")
  func gas() {
    for (first, second, isOut) in [
      ("1000", "1010", true), ("1000", "1011", false), ("5", "6", true), ("5", "6.1", false), ("1001", "1000", false),
    ] {
      var harness = harness()
      harness.bounds.limit = nil
      #expect(harness.send([(FieldKey(.volume), first)], unit: .cubicMetre).values == [])
      #expect(harness.send([(FieldKey(.volume), second)], unit: .cubicMetre).values.isEmpty != isOut, "\(first)")
    }
  }

  @Test("a register of an earlier run does not wait")
  func remembered() {
    var before = harness()
    #expect(before.pass("1000", "1000") == ["-", "1000"])
    var again = harness(before.guardian.memory)
    #expect(again.pass("1000.1") == ["1000.1"])
  }

  @Test("a sum is published as soon as its parts are")
  func sum() {
    var harness = harness()
    harness.sums = [.energyImport]
    let parts = [(FieldKey(.energyImport, tariff: 1), "100"), (FieldKey(.energyImport, tariff: 2), "200")]
    #expect(harness.send(parts + [(total, "300")]).values == [])
    #expect(
      harness.send(parts + [(total, "300")]).values
        == ["energy_import_t1 100", "energy_import_t2 200", "energy_import 300"])
  }
}
