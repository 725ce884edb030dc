import Decoders
import Testing
import TestSupport

@testable import Base
@testable import Meters

private let total = FieldKey(.energyImport)
private let power = FieldKey(.power)

/// What a guard does with readings whose number is not believed.
struct TotalsGuardNumberTests {
  @Test("an exchanged meter begins anew on its own level, and its fifth telegram is published")
  func exchange() {
    var harness = GuardHarness()
    #expect(harness.pass("1000") == ["1000"])
    harness.serial = "2"
    for (count, value) in ["3.0", "3.1", "3.1", "3.2"].enumerated() {
      let sent = harness.send([(total, value), (power, "7")])
      // Nothing of another meter is published, not even its power.
      #expect(sent.values.isEmpty)
      #expect(sent.outcome.stranger == .init(number: "2", own: "1", telegrams: count + 1))
      #expect(sent.outcome.findings.isEmpty)
    }
    let fifth = harness.send([(total, "3.2"), (power, "7")])
    #expect(fifth.values == ["energy_import 3.2", "power 7"])
    #expect(fifth.outcome.exchanged?.from == "1" && fifth.outcome.exchanged?.to == "2")
    #expect(harness.pass("3.3", "1000") == ["3.3", "-"])
    #expect(harness.guardian.number == "2")
  }

  @Test("a row of exchanges is told once an hour")
  func rowOfExchanges() {
    var harness = GuardHarness()
    var told: [Bool] = []
    for number in 0..<6 {
      harness.serial = "\(number)"
      for _ in 0..<5 {
        told += harness.send([(total, "5")], after: .minutes(4)).outcome.exchanged.map { [$0.isNews] } ?? []
      }
    }
    #expect(told == [true, false, false, true, false])
  }

  @Test("a new meter may begin at 0")
  func beginsAtZero() {
    var harness = GuardHarness()
    #expect(harness.pass("1000") == ["1000"])
    harness.serial = "2"
    for _ in 0..<4 { #expect(harness.send([(total, "0")]).values.isEmpty) }
    #expect(harness.send([(total, "0")]).values == ["energy_import 0"])
  }

  @Test("the registers of a new meter must agree with one another")
  func ownLevel() {
    var harness = GuardHarness()
    #expect(harness.pass("1000") == ["1000"])
    harness.serial = "2"
    #expect(harness.pass("500", "500", "500", "500", "3") == ["-", "-", "-", "-", "-"])
    #expect(harness.pass("500.1") == ["500.1"])
  }

  @Test("the total of a second meter never gets through, higher or lower", arguments: ["11.5", "2390", "1000.2"])
  func secondMeter(other: String) {
    for limit in [JumpLimit.usual, nil] {
      var harness = GuardHarness()
      harness.bounds.limit = limit
      var rivals = 0
      for round in 0..<20 {
        harness.serial = "1"
        for _ in 0..<3 {
          let sent = harness.send([(total, "1000"), (power, "1")])
          #expect(sent.values == ["energy_import 1000", "power 1"])
          if sent.outcome.rival == "2" { rivals += 1 }
        }
        harness.serial = "2"
        // The first time, five in a row would be an exchange.
        for _ in 0..<(round == 0 ? 4 : 7) { #expect(harness.send([(total, other), (power, "2")]).values.isEmpty) }
      }
      #expect(rivals == 1)
    }
  }

  @Test("without a check value a telegram with a damaged number counts if its registers go on")
  func damagedNumber() {
    var harness = GuardHarness()
    harness.protection = .none
    #expect(harness.pass("1000", "1000") == ["-", "1000"])
    harness.serial = "damaged"
    #expect(harness.send([(total, "1000.1"), (power, "7")]).values == ["energy_import 1000.1", "power 7"])
    harness.serial = "1"
    #expect(harness.pass("1000.2") == ["1000.2"])
    harness.serial = "worse"
    // Its number is damaged, and its register too.
    #expect(harness.send([(total, "100.2"), (power, "7")]).values.isEmpty)
    #expect(harness.send([(total, "9000.2"), (power, "7")]).values.isEmpty)
    // Without a register nothing speaks for it.
    #expect(harness.send([(power, "7")]).values.isEmpty)
    harness.serial = "1"
    #expect(harness.pass("1000.2") == ["1000.2"])
  }

  @Test("a register without a limit must stand still to speak for a damaged number")
  func damagedNumberOfGasMeter() {
    var harness = GuardHarness()
    harness.protection = .none
    harness.bounds.limit = nil
    func send(_ value: String) -> [String] { harness.send([(FieldKey(.volume), value)], unit: .cubicMetre).values }
    #expect(send("1000") == [] && send("1000") == ["volume 1000"])
    harness.serial = "damaged"
    #expect(send("1000") == ["volume 1000"])
    #expect(send("1001") == [])
  }
}
