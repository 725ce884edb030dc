import Decoders
import Testing
import TestSupport

@testable import Base
@testable import Meters
@testable import MQTT
@testable import Publishing

@Test("a connection begins with the bridge, then availability, discovery and values")
func greetingOrder() {
  var harness = OutboxHarness()
  harness.configure("grid", "heat")
  harness.publish("grid", [(.power, "472")], reading: "{}")
  harness.publish("grid_gas", [(.volume, "1.5")], parent: "grid")
  harness.publish("heat", [(.energy, "1160")])
  harness.connect()
  #expect(
    harness.drain().topics == [
      "meterbridge/bridge/state", "meterbridge/bridge/info",
      "meterbridge/grid/availability", "meterbridge/grid_gas/availability", "meterbridge/heat/availability",
      "homeassistant/device/meterbridge_bridge/config", "homeassistant/device/meterbridge_grid/config",
      "homeassistant/device/meterbridge_grid_gas/config", "homeassistant/device/meterbridge_heat/config",
      "meterbridge/grid/power", "meterbridge/grid/last_telegram", "meterbridge/grid_gas/volume",
      "meterbridge/grid_gas/last_telegram", "meterbridge/heat/energy", "meterbridge/heat/last_telegram",
      "meterbridge/grid/reading",
    ])
  let kept = harness.sent.filter { $0.topic != "meterbridge/grid/reading" }
  #expect(kept.allSatisfy { $0.retain && $0.qos == 1 })
  #expect(harness.sent.last.map { !$0.retain && $0.qos == 1 } == true)
}

@Test("every connection sends everything again")
func greetingOnEveryConnection() {
  var harness = OutboxHarness()
  harness.configure("grid")
  harness.publish("grid", [(.power, "472")])
  harness.connect()
  let first = harness.drain()
  harness.disconnect()
  harness.connect()
  #expect(harness.drain() == first)
}

@Test("a will that comes late is contradicted: in a cluster the broker that was lost publishes it when it notices")
func lateWill() {
  var harness = OutboxHarness()
  harness.configure("grid")
  func hear(_ text: String, isRetained: Bool = false) -> [String] {
    let state = "meterbridge/bridge/state"
    _ = harness.outbox.received(state, Array(text.utf8), isRetained: isRetained, at: harness.now)
    return harness.drain().to("bridge/state")
  }
  #expect(hear("offline").isEmpty)
  harness.connect()
  #expect(harness.drain().to("bridge/state") == ["online"])
  #expect(hear("online").isEmpty && hear("offline", isRetained: true).isEmpty && hear("").isEmpty)
  #expect(hear("offline") == ["online"])
  // Our own farewell comes back.
  harness.outbox.take(.stop, at: harness.now)
  #expect(harness.pass(.seconds(1)).to("bridge/state") == ["offline"])
  #expect(hear("offline").isEmpty)
}

@Test("nothing goes out before the configuration is known")
func waitsForConfiguration() {
  var harness = OutboxHarness()
  harness.connect()
  #expect(harness.drain().isEmpty)
  harness.configure("grid")
  #expect(harness.drain().topics.first == "meterbridge/bridge/state")
}

@Test("a meter is offline until the pipeline calls it online, and so are its sub-meters")
func availabilityFollowsPipeline() {
  var harness = OutboxHarness()
  harness.configure("grid")
  harness.connect()
  #expect(harness.drain().to("grid/availability") == ["offline"])
  harness.publish("grid", [(.power, "472")])
  harness.publish("grid_gas", [(.volume, "1.5")], parent: "grid")
  let online = harness.drain()
  #expect(online.to("grid/availability") == ["online"] && online.to("grid_gas/availability") == ["online"])
  for id in ["grid", "grid_gas"] { harness.outbox.take(.availability(device: id, online: false), at: harness.now) }
  let offline = harness.drain()
  #expect(offline.to("grid/availability") == ["offline"] && offline.to("grid_gas/availability") == ["offline"])
}

@Test("the first reading of a meter sends availability, then discovery, then values")
func firstReadingOrder() {
  var harness = OutboxHarness()
  harness.configure("grid")
  harness.connect()
  harness.drain()
  harness.publish("grid", [(.power, "472"), (.voltage, "230.1")])
  #expect(
    harness.drain().topics == [
      "meterbridge/grid/availability", "homeassistant/device/meterbridge_grid/config", "meterbridge/grid/power",
      "meterbridge/grid/voltage", "meterbridge/grid/last_telegram",
    ])
}

// MARK: - The bridge's own topics

@Test("bridge/info names meters and protocols, and says that 3.1.1 hides refusals")
func bridgeInfo() {
  var harness = OutboxHarness()
  harness.configure("grid")
  harness.connect()
  let five = harness.drain().to("bridge/info")
  let started = WallTime(milliseconds: 0).description
  let document =
    #"{"version":"0.1.0","started":"\#(started)","meters":[{"id":"grid","protocol":"p1"}],"protocols":["mbus","p1","dlms","sml","d0","echonet","wmbus"]"#
  #expect(five == [document + "}"])
  harness.disconnect()
  harness.connect(.threeOneOne)
  #expect(
    harness.drain().to("bridge/info")
      == [document + #","note":"MQTT 3.1.1: the broker does not tell which messages it refuses"}"#])
}

@Test("bridge/info has what a meter's owner can change, and loses it when it is done")
func meterNotes() {
  var harness = OutboxHarness()
  harness.configure("grid")
  harness.connect()
  _ = harness.drain()
  for (note, shown) in [("enter the PIN", true), ("enter the PIN", nil), (nil, false)] as [(String?, Bool?)] {
    harness.outbox.take(
      .publication(
        Publication(
          device: Device(id: "grid", medium: .electricity, protocolName: "p1"), fields: [], reading: nil,
          received: WallTime(milliseconds: 0), note: note)), at: harness.now)
    let info = harness.drain().to("bridge/info")
    #expect(
      info.map { $0.contains(#""id":"grid","protocol":"p1","note":"enter the PIN""#) } == (shown.map { [$0] } ?? []))
  }
}

@Test("health is retained, dead letters are not, and both are QoS 0")
func healthAndDeadLetters() {
  var harness = OutboxHarness()
  harness.configure("grid")
  harness.outbox.take(.deadLetter(Array("lost".utf8)), at: harness.now)
  harness.outbox.take(.health(Array("h1".utf8)), at: harness.now)
  harness.connect()
  #expect(harness.drain().filter { $0.topic.hasSuffix("bridge/dead_letter") }.isEmpty)
  harness.outbox.take(.deadLetter(Array("one".utf8)), at: harness.now)
  harness.outbox.take(.deadLetter(Array("two".utf8)), at: harness.now)
  harness.outbox.take(.health(Array("h2".utf8)), at: harness.now)
  let sent = harness.drain()
  #expect(sent.to("bridge/dead_letter") == ["one", "two"])
  #expect(harness.sent.to("bridge/health") == ["h1", "h2"])
  #expect(sent.allSatisfy { $0.qos == 0 && $0.retain == $0.topic.hasSuffix("health") })
}

@Test("the answer to accept is an event below its meter, and never waits for a broker")
func answers() {
  var harness = OutboxHarness()
  harness.configure("grid", "heat")
  harness.outbox.take(.accepted(device: "grid", answer: "lost"), at: harness.now)
  harness.connect()
  harness.drain()
  harness.outbox.take(.accepted(device: "grid", answer: "older"), at: harness.now)
  harness.outbox.take(.accepted(device: "heat", answer: "nothing"), at: harness.now)
  harness.outbox.take(.accepted(device: "grid", answer: "newer"), at: harness.now)
  harness.outbox.take(.accepted(device: "gone", answer: "unknown"), at: harness.now)
  let sent = harness.drain()
  #expect(sent.map(\.topic) == ["meterbridge/heat/accepted", "meterbridge/grid/accepted"])
  #expect(sent.map { String(decoding: $0.payload, as: UTF8.self) } == ["nothing", "newer"])
  #expect(sent.allSatisfy { $0.qos == 0 && !$0.retain })
}

// MARK: - Home Assistant

@Test("a birth is answered once, meter by meter, within five seconds")
func homeAssistantBirth() {
  for seed in UInt64(1)...20 {
    var harness = OutboxHarness(seed: seed)
    harness.configure("grid", "heat")
    harness.connect()
    harness.publish("grid", [(.power, "472")])
    harness.publish("heat", [(.energy, "1160")])
    harness.drain()
    for _ in 0..<3 {
      _ = harness.outbox.received("homeassistant/status", Array("online".utf8), isRetained: false, at: harness.now)
    }
    let expected = [
      "homeassistant/device/meterbridge_bridge/config",
      "meterbridge/grid/availability", "homeassistant/device/meterbridge_grid/config", "meterbridge/grid/power",
      "meterbridge/grid/last_telegram",
      "meterbridge/heat/availability", "homeassistant/device/meterbridge_heat/config", "meterbridge/heat/energy",
      "meterbridge/heat/last_telegram",
    ]
    #expect(harness.pass(.seconds(5)).topics.filter { !$0.contains("/bridge/") } == expected)
    #expect(harness.pass(.minutes(1)).isEmpty)
  }
}

@Test("offline, retained and foreign messages are not a birth")
func notABirth() {
  var harness = OutboxHarness()
  harness.configure("grid")
  harness.connect()
  harness.drain()
  _ = harness.outbox.received("homeassistant/status", Array("offline".utf8), isRetained: false, at: harness.now)
  _ = harness.outbox.received("homeassistant/status", Array("online".utf8), isRetained: true, at: harness.now)
  _ = harness.outbox.received("elsewhere/status", Array("online".utf8), isRetained: false, at: harness.now)
  #expect(harness.pass(.minutes(1)).isEmpty)
}

@Test("a read request is reported for configured meters only")
func readRequest() {
  var harness = OutboxHarness()
  harness.configure("grid", isPolled: true)
  harness.connect()
  func asked(_ topic: String, isRetained: Bool = false) -> String? {
    if case .read(let meter)? = harness.outbox.received(topic, [], isRetained: isRetained, at: harness.now) {
      return meter
    }
    return nil
  }
  #expect(asked("meterbridge/grid/read") == "grid")
  #expect(asked("meterbridge/grid/read", isRetained: true) == nil)
  for other in ["meterbridge/heat/read", "meterbridge/grid/x/read", "meterbridge/read", "other/grid/read", ""] {
    #expect(asked(other) == nil)
  }
}

@Test("discovery is sent again only when fields or identity change")
func discoveryOnChange() {
  var harness = OutboxHarness()
  harness.configure("grid")
  harness.connect()
  harness.publish("grid", [(.power, "1")])
  #expect(harness.drain().discoveries.count == 2)
  harness.publish("grid", [(.power, "2")])
  harness.publish("grid", [])
  #expect(harness.pass(.minutes(1)).discoveries.isEmpty)
  harness.publish("grid", [(.power, "2"), (.voltage, "230")])
  #expect(harness.drain().discoveries == ["homeassistant/device/meterbridge_grid/config"])
  var changed = OutboxHarness.publication("grid", [(.power, "2")], at: harness.now)
  changed.device.serial = "2"
  harness.outbox.take(.publication(changed), at: harness.now)
  #expect(harness.pass(.seconds(10)).discoveries == ["homeassistant/device/meterbridge_grid/config"])
}

@Test("a field that comes while its document is in flight gets another document")
func fieldDuringDiscovery() {
  var harness = OutboxHarness()
  harness.configure("grid")
  harness.connect()
  harness.drain()
  harness.publish("grid", [(.power, "1")])
  harness.handOver()
  harness.publish("grid", [(.power, "1"), (.voltage, "230")])
  harness.answer()
  let documents = harness.pass(.seconds(10)).filter { $0.topic.hasSuffix("_grid/config") }
  #expect(documents.count == 1 && documents[0].text.contains("grid/voltage"))
}

// MARK: - The end

@Test("a clean end sends held values and then offline")
func cleanEnd() {
  var harness = OutboxHarness()
  harness.configure("grid")
  harness.connect()
  harness.publish("grid", [(.power, "1")])
  harness.drain()
  harness.publish("grid", [(.power, "2")], reading: "last")
  harness.outbox.take(.stop, at: harness.now)
  harness.handOver()
  #expect(harness.open.topics.last != "meterbridge/bridge/state")
  harness.answer()
  harness.handOver()
  #expect(harness.sent.to("grid/power").last == "2" && harness.sent.to("grid/reading") == ["last"])
  #expect(harness.sent.last.map { $0.topic == "meterbridge/bridge/state" && $0.text == "offline" && $0.retain } == true)
  #expect(harness.outbox.ending == nil)
  harness.answer()
  #expect(harness.outbox.ending == .clean)
}

@Test("a broker that does not answer at the end publishes the will")
func endWithoutAnswer() {
  var harness = OutboxHarness()
  harness.configure("grid")
  harness.connect()
  harness.handOver()
  harness.outbox.take(.stop, at: harness.now)
  let stopped = harness.now
  while harness.outbox.ending == nil, let deadline = harness.outbox.deadline(at: harness.now) {
    harness.now = max(harness.now, deadline)
    harness.outbox.tick(at: harness.now)
    harness.handOver()
    if harness.now - stopped > .seconds(5) { break }
  }
  #expect(harness.outbox.ending == .abandoned)
  #expect((harness.now - stopped).count == Limits.farewell)
}

@Test("without a connection the end comes at once")
func endWithoutConnection() {
  var harness = OutboxHarness()
  harness.configure("grid")
  harness.outbox.take(.stop, at: harness.now)
  harness.outbox.tick(at: harness.now)
  #expect(harness.outbox.ending == .abandoned)
}
