import Decoders
import Testing
import TestSupport

@testable import Base
@testable import Meters
@testable import Publishing

/// A connected harness with one meter and a policy.
private func harness(_ policies: [FieldName: FieldPolicy], minimumInterval: Milliseconds = 0) -> OutboxHarness {
  var harness = OutboxHarness()
  harness.outbox.take(
    .meters([OutboxHarness.meter("grid", minimumInterval: minimumInterval, policies: policies)]), at: harness.now)
  harness.connect()
  return harness
}

extension OutboxHarness {
  /// Publishes values of a field, a second apart; what of them went to its topic.
  fileprivate mutating func pass(_ name: FieldName, _ values: [String]) -> [String] {
    values.flatMap { value in
      publish("grid", [(name, value)])
      return pass(.seconds(1)).to("grid/\(name.entry.name)")
    }
  }
}

@Test("a dead band is measured from the last published value")
func deadBand() {
  var harness = harness([.power: FieldPolicy(deadBand: FixedDecimal(5))])
  #expect(
    harness.pass(.power, ["100", "104", "96", "105", "109", "110", "104.9", "105.1"]) == ["100", "105", "110", "104.9"])
  // A value that creeps is out as soon as it has come far enough.
  #expect(harness.pass(.power, (0..<20).map { "\(105 + $0)" }) == ["110", "115", "120"])
  // Other fields have none.
  #expect(harness.pass(.voltage, ["230.0", "230.1"]) == ["230.0", "230.1"])
}

@Test("a heartbeat sends the newest value inside the dead band")
func heartbeatInDeadBand() {
  var harness = harness([.power: FieldPolicy(heartbeat: .seconds(60), deadBand: FixedDecimal(5))])
  let sent = harness.pass(.power, (0..<130).map { $0 % 2 == 0 ? "100" : "102" })
  #expect(sent == ["100", "102", "100"])
  #expect(harness.pass(.power, ["101"]) == [])
  #expect(harness.pass(.seconds(60)).to("grid/power") == [])
  // With its next telegram.
  #expect(harness.pass(.power, ["103"]) == ["103"])
}

@Test("the newest value goes out after a connect, after a birth and at the end")
func newestValue() {
  var harness = harness([.energyImport: FieldPolicy(deadBand: FixedDecimal(1))])
  #expect(harness.pass(.energyImport, ["10.0", "10.1", "10.2"]) == ["10.0"])
  harness.disconnect()
  harness.connect()
  #expect(harness.drain().to("grid/energy_import") == ["10.2"])
  #expect(harness.pass(.energyImport, ["10.3"]) == [])
  _ = harness.outbox.received("homeassistant/status", Array("online".utf8), isRetained: false, at: harness.now)
  #expect(harness.pass(.seconds(5)).to("grid/energy_import") == ["10.3"])
  #expect(harness.pass(.energyImport, ["10.4"]) == [])
  harness.outbox.take(.stop, at: harness.now)
  #expect(harness.drain().to("grid/energy_import") == ["10.4"])
}

@Test("a field has an interval of its own")
func fieldInterval() {
  var harness = harness(
    [.power: FieldPolicy(minimumInterval: .seconds(2)), .current: FieldPolicy(minimumInterval: 0)],
    minimumInterval: .seconds(10))
  for second in 0..<20 {
    harness.publish("grid", [(.power, "\(second)"), (.voltage, "\(second)"), (.current, "\(second)")])
    harness.pass(.seconds(1))
  }
  #expect(harness.sent.to("grid/power").count == 10)
  #expect(harness.sent.to("grid/voltage").count == 2)
  #expect(harness.sent.to("grid/current").count == 20)
}

@Test("a reload changes the policy")
func reload() {
  var harness = harness([.power: FieldPolicy(deadBand: FixedDecimal(5))])
  #expect(harness.pass(.power, ["100", "101"]) == ["100"])
  harness.outbox.take(.meters([OutboxHarness.meter("grid", minimumInterval: 0)]), at: harness.now)
  #expect(harness.pass(.power, ["102"]) == ["102"])
}

@Test("a shorter interval releases a value that waits for the longer one")
func shorterInterval() {
  var harness = harness([:], minimumInterval: .minutes(60))
  #expect(harness.pass(.power, ["100", "101"]) == ["100"])
  harness.outbox.take(.meters([OutboxHarness.meter("grid", minimumInterval: .seconds(10))]), at: harness.now)
  #expect(harness.pass(.seconds(8)).to("grid/power") == [])
  #expect(harness.pass(.seconds(1)).to("grid/power") == ["101"])
}
