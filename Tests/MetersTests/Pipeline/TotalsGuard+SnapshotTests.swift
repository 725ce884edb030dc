import Decoders
import Testing
import TestSupport

@testable import Base
@testable import Meters

private let total = FieldKey(.energyImport)

/// Lists that always tell an older value than others.
struct TotalsGuardSnapshotTests {
  private var harness = GuardHarness()

  private mutating func live(_ value: String) -> (values: [String], outcome: TotalsGuard.Outcome) {
    harness.send([(total, value), (FieldKey(.power), "7")], after: .seconds(10))
  }

  private mutating func snapshot(_ value: String) -> (values: [String], outcome: TotalsGuard.Outcome) {
    harness.send([(total, value), (FieldKey(.energyExport), "3")], after: .seconds(10))
  }

  @Test("an older value from another list is one notice, and the newer one goes on")
  mutating func notice() {
    var letters = 0
    var notices: [String] = []
    for quarter in 0..<50 {
      #expect(live("10\(10 + quarter).5").values == ["energy_import 10\(10 + quarter).5", "power 7"])
      let sent = snapshot("10\(10 + quarter).1")
      #expect(sent.values == ["energy_export 3"])
      #expect(sent.outcome.held == ["energy_import"])
      letters += sent.outcome.findings.count { $0.isNews }
      notices += sent.outcome.findings.compactMap { $0.notice(of: "grid") }
    }
    // The first may be a fault; the second shows the rule.
    #expect(letters == 1)
    #expect(
      notices == [
        "grid: one list of the meter tells older values than the others, such as energy_import 1011.1 kWh "
          + "after 1011.5; only the newest are published"
      ])
  }

  @Test("a value that is not older counts from either list")
  mutating func caughtUp() {
    for value in ["1000.5", "1001.5", "1002.5"] {
      _ = live(value)
      _ = snapshot("1000.1")
    }
    #expect(snapshot("1002.5").values == ["energy_import 1002.5", "energy_export 3"])
    #expect(live("1002.6").values == ["energy_import 1002.6", "power 7"])
  }

  @Test("older values of a snapshot are not confirmed, however often they come")
  mutating func repeated() {
    _ = live("1000.5")
    _ = snapshot("1000.1")
    _ = live("1000.6")
    for _ in 0..<20 { #expect(snapshot("1000.1").values == ["energy_export 3"]) }
  }

  @Test("one notice is enough for all registers of a list")
  mutating func otherRegister() {
    var notices = 0
    for (count, energy) in ["1000", "1001", "1002", "1003", "1004", "1005"].enumerated() {
      // Power is fed in later than taken, so its register falls later.
      let export = count < 3 ? "50" : "5\(count)"
      _ = harness.send([(total, energy), (FieldKey(.energyExport), export), (FieldKey(.power), "7")])
      let sent = harness.send([(total, "\(energy)".replacing("100", with: "90")), (FieldKey(.energyExport), "49")])
      notices += sent.outcome.findings.compactMap { $0.notice(of: "grid") }.count
      #expect(sent.values.isEmpty)
      if count > 1 { #expect(sent.outcome.findings.isEmpty) }
    }
    #expect(notices == 1)
  }

  @Test("a register that falls in the only list is still a fault")
  mutating func onlyList() {
    for _ in 0..<3 {
      #expect(live("1000.5").values.count == 2)
      #expect(live("3").outcome.findings.map(\.verdict) == [.held(.fell)])
    }
  }
}
