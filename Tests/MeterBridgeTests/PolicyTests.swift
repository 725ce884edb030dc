import Decoders
import Testing

@testable import MeterBridge

/// A connected desk with one meter and a policy.
private func desk(_ policies: [FieldName: FieldPolicy], minimumInterval: Milliseconds = 0) -> OutboxDesk {
  var desk = OutboxDesk()
  desk.outbox.take(
    .meters([OutboxDesk.meter("grid", minimumInterval: minimumInterval, policies: policies)]), at: desk.now)
  desk.connect()
  return desk
}

extension OutboxDesk {
  /// Publishes values of a field, a second apart; what of them went to its topic.
  fileprivate mutating func pass(_ name: FieldName, _ values: [String]) -> [String] {
    values.flatMap { value in
      publish("grid", [(name, value)])
      return pass(.seconds(1)).to("grid/\(name.entry.name)")
    }
  }
}

@Test func aDeadBandIsHeldAgainstTheLastPublishedValueAndNotAgainstTheLastSeen() {
  var desk = desk([.power: FieldPolicy(deadBand: FixedDecimal(5))])
  #expect(
    desk.pass(.power, ["100", "104", "96", "105", "109", "110", "104.9", "105.1"]) == ["100", "105", "110", "104.9"])
  // A value that creeps is out as soon as it has come far enough.
  #expect(desk.pass(.power, (0..<20).map { "\(105 + $0)" }) == ["110", "115", "120"])
  // Other fields have none.
  #expect(desk.pass(.voltage, ["230.0", "230.1"]) == ["230.0", "230.1"])
}

@Test func aHeartbeatBringsTheNewestValueInsideTheDeadBand() {
  var desk = desk([.power: FieldPolicy(heartbeat: .seconds(60), deadBand: FixedDecimal(5))])
  let sent = desk.pass(.power, (0..<130).map { $0 % 2 == 0 ? "100" : "102" })
  #expect(sent == ["100", "102", "100"])
  #expect(desk.pass(.power, ["101"]) == [])
  #expect(desk.pass(.seconds(60)).to("grid/power") == [])
  // With its next telegram.
  #expect(desk.pass(.power, ["103"]) == ["103"])
}

@Test func afterAConnectABirthAndAtTheEndTheNewestValueIsOut() {
  var desk = desk([.energyImport: FieldPolicy(deadBand: FixedDecimal(1))])
  #expect(desk.pass(.energyImport, ["10.0", "10.1", "10.2"]) == ["10.0"])
  desk.disconnect()
  desk.connect()
  #expect(desk.drain().to("grid/energy_import") == ["10.2"])
  #expect(desk.pass(.energyImport, ["10.3"]) == [])
  _ = desk.outbox.received("homeassistant/status", Array("online".utf8), isRetained: false, at: desk.now)
  #expect(desk.pass(.seconds(5)).to("grid/energy_import") == ["10.3"])
  #expect(desk.pass(.energyImport, ["10.4"]) == [])
  desk.outbox.take(.stop, at: desk.now)
  #expect(desk.drain().to("grid/energy_import") == ["10.4"])
}

@Test func aFieldHasAnIntervalOfItsOwn() {
  var desk = desk(
    [.power: FieldPolicy(minimumInterval: .seconds(2)), .current: FieldPolicy(minimumInterval: 0)],
    minimumInterval: .seconds(10))
  for second in 0..<20 {
    desk.publish("grid", [(.power, "\(second)"), (.voltage, "\(second)"), (.current, "\(second)")])
    desk.pass(.seconds(1))
  }
  #expect(desk.sent.to("grid/power").count == 10)
  #expect(desk.sent.to("grid/voltage").count == 2)
  #expect(desk.sent.to("grid/current").count == 20)
}

@Test func aReloadChangesThePolicy() {
  var desk = desk([.power: FieldPolicy(deadBand: FixedDecimal(5))])
  #expect(desk.pass(.power, ["100", "101"]) == ["100"])
  desk.outbox.take(.meters([OutboxDesk.meter("grid", minimumInterval: 0)]), at: desk.now)
  #expect(desk.pass(.power, ["102"]) == ["102"])
}

@Test func aShorterIntervalReleasesWhatWaitsForTheLongerOne() {
  var desk = desk([:], minimumInterval: .minutes(60))
  #expect(desk.pass(.power, ["100", "101"]) == ["100"])
  desk.outbox.take(.meters([OutboxDesk.meter("grid", minimumInterval: .seconds(10))]), at: desk.now)
  #expect(desk.pass(.seconds(8)).to("grid/power") == [])
  #expect(desk.pass(.seconds(1)).to("grid/power") == ["101"])
}
