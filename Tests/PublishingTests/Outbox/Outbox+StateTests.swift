import Decoders
import Testing
import TestSupport

@testable import Base
@testable import Meters
@testable import Publishing

/// A connected outbox with the meter `a`, which has the object of all values.
private func harness(retained: RetainedState = OutboxHarness.nothing, on: Bool = true) -> OutboxHarness {
  var harness = OutboxHarness(retained: retained)
  switchState(&harness, on)
  harness.connect()
  return harness
}

private func switchState(_ harness: inout OutboxHarness, _ on: Bool) {
  var meter = OutboxHarness.meter("a")
  meter.publishesState = on
  harness.outbox.take(.meters([meter]), at: harness.now)
}

private func object(_ members: String, at now: Instant) -> String {
  "{\(members),\"last_telegram\":\"\(WallTime(milliseconds: now.milliseconds))\"}"
}

@Suite struct OutboxStateTests {
  @Test("the newest values are one flat object of numbers and texts, with the digits of the topics")
  func flatObject() {
    var harness = harness()
    harness.publish("a", [(.energyImport, "1785.720"), (.power, "-504"), (.status, "ok \"x\"")])
    let sent = harness.drain().filter { $0.topic == "meterbridge/a/state" }
    #expect(
      sent.map(\.text)
        == [object(#""energy_import":1785.720,"power":-504,"status":"ok \"x\"""#, at: harness.now)])
    #expect(sent.allSatisfy { $0.retain && $0.qos == 1 })
    #expect(harness.drain().isEmpty)
    // Neither a field of Home Assistant nor one of itself.
    #expect(!harness.sent.contains { $0.topic.hasSuffix("/config") && $0.text.contains("a/state\"") })
  }

  @Test("off by default")
  func offByDefault() {
    var harness = OutboxHarness()
    harness.configure("a")
    harness.connect()
    harness.publish("a", [(.power, "1")])
    #expect(harness.drain().to("a/state").isEmpty)
  }

  @Test("it follows the topics at most every `min_interval`, and goes out after a connect")
  func interval() {
    var harness = harness()
    harness.publish("a", [(.power, "1")])
    harness.drain()
    for power in 2...5 {
      harness.pass(.seconds(1))
      harness.publish("a", [(.power, "\(power)")])
      #expect(harness.drain().to("a/state").isEmpty)
    }
    let last = object(#""power":5"#, at: harness.now)
    #expect(harness.pass(.seconds(10)).to("a/state") == [last])
    harness.disconnect()
    harness.connect()
    #expect(harness.drain().to("a/state") == [last])
  }

  @Test("a value that is held back or missing is left out, and comes back")
  func missingValues() {
    var harness = harness()
    func next(_ values: [(FieldName, String)], held: [String] = [], protocolName: String = "p1") -> String? {
      harness.now = harness.now + .minutes(1)
      var publication = OutboxHarness.publication("a", values, at: harness.now)
      publication.held = held
      publication.device.protocolName = protocolName
      harness.outbox.take(.publication(publication), at: harness.now)
      return harness.drain().to("a/state").first
    }
    #expect(next([(.energyImport, "1"), (.power, "1")])?.hasPrefix(#"{"energy_import":1,"power":1,"#) == true)
    #expect(next([(.power, "2")], held: ["energy_import"])?.hasPrefix(#"{"power":2,"last"#) == true)
    #expect(next([(.energyImport, "3"), (.power, "3")])?.hasPrefix(#"{"energy_import":3,"power":3,"#) == true)
    #expect(next([(.energyImport, "4")])?.hasPrefix(#"{"energy_import":4,"last"#) == true)
    // Some protocols tell power each time, but energies only each hour.
    #expect(next([(.power, "5")], protocolName: "echonet")?.hasPrefix(#"{"energy_import":4,"power":5,"#) == true)
    #expect(next([], held: ["power"], protocolName: "echonet")?.hasPrefix(#"{"energy_import":4,"last"#) == true)
  }

  @Test("a reload without it clears the topic, one with it brings it back")
  func switchedOff() {
    var harness = harness()
    harness.publish("a", [(.power, "1")])
    harness.publish("a_gas", [(.volume, "1")], parent: "a")
    #expect(harness.drain().to("a_gas/state").count == 1)
    switchState(&harness, false)
    let cleared = harness.drain().filter(\.payload.isEmpty).topics
    #expect(cleared == ["meterbridge/a/state", "meterbridge/a_gas/state"])
    harness.now = harness.now + .minutes(1)
    harness.publish("a", [(.power, "2")])
    #expect(harness.drain().to("a/state").isEmpty)
    #expect(harness.outbox.takeRetained()?.devices.contains { $0.fields.contains(where: \.isState) } == false)
    switchState(&harness, true)
    harness.publish("a", [(.power, "3")])
    #expect(harness.drain().to("a/state") == [object(#""power":3"#, at: harness.now)])
  }

  @Test("a start without it clears the topic of the last run")
  func switchedOffBetweenRuns() throws {
    var first = harness()
    first.publish("a", [(.power, "1")])
    first.drain()
    let state = first.outbox.takeRetained()
    let kept = try RetainedState(parsing: try #require(state).encoded())
    var second = harness(retained: kept, on: false)
    #expect(second.drain().filter(\.payload.isEmpty).topics == ["meterbridge/a/state"])
    var third = harness(retained: kept)
    #expect(third.drain().allSatisfy { !$0.payload.isEmpty })
  }

  @Test("a meter that is removed takes its object along")
  func removedMeter() {
    var harness = harness()
    harness.publish("a", [(.power, "1")])
    harness.drain()
    harness.outbox.take(.meters([]), at: harness.now)
    #expect(harness.drain().filter(\.payload.isEmpty).topics.contains("meterbridge/a/state"))
  }
}
