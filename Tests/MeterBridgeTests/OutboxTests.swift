import Decoders
import MQTT
import Testing

@testable import MeterBridge

@Test func onConnectTheBridgeComesFirstThenAvailabilityThenDiscoveryThenValues() {
  var desk = OutboxDesk()
  desk.configure("grid", "heat")
  desk.publish("grid", [(.power, "472")], reading: "{}")
  desk.publish("grid_gas", [(.volume, "1.5")], parent: "grid")
  desk.publish("heat", [(.energy, "1160")])
  desk.connect()
  #expect(
    desk.drain().topics == [
      "meterbridge/bridge/state", "meterbridge/bridge/info",
      "meterbridge/grid/availability", "meterbridge/grid_gas/availability", "meterbridge/heat/availability",
      "homeassistant/device/meterbridge_bridge/config", "homeassistant/device/meterbridge_grid/config",
      "homeassistant/device/meterbridge_grid_gas/config", "homeassistant/device/meterbridge_heat/config",
      "meterbridge/grid/power", "meterbridge/grid/last_telegram", "meterbridge/grid_gas/volume",
      "meterbridge/grid_gas/last_telegram", "meterbridge/heat/energy", "meterbridge/heat/last_telegram",
      "meterbridge/grid/reading",
    ])
  let kept = desk.sent.filter { $0.topic != "meterbridge/grid/reading" }
  #expect(kept.allSatisfy { $0.retain && $0.qos == 1 })
  #expect(desk.sent.last.map { !$0.retain && $0.qos == 1 } == true)
}

@Test func everyConnectionSendsAllOfItAgain() {
  var desk = OutboxDesk()
  desk.configure("grid")
  desk.publish("grid", [(.power, "472")])
  desk.connect()
  let first = desk.drain()
  desk.disconnect()
  desk.connect()
  #expect(desk.drain() == first)
}

@Test func nothingGoesOutBeforeTheConfigurationIsKnown() {
  var desk = OutboxDesk()
  desk.connect()
  #expect(desk.drain().isEmpty)
  desk.configure("grid")
  #expect(desk.drain().topics.first == "meterbridge/bridge/state")
}

@Test func aMeterIsOfflineUntilItsFirstTelegramAndWhatIsBehindItGoesWithIt() {
  var desk = OutboxDesk()
  desk.configure("grid")
  desk.connect()
  #expect(desk.drain().to("grid/availability") == ["offline"])
  desk.publish("grid", [(.power, "472")])
  desk.publish("grid_gas", [(.volume, "1.5")], parent: "grid")
  let online = desk.drain()
  #expect(online.to("grid/availability") == ["online"] && online.to("grid_gas/availability") == ["online"])
  desk.outbox.take(.availability(device: "grid", online: false), at: desk.now)
  let offline = desk.drain()
  #expect(offline.to("grid/availability") == ["offline"] && offline.to("grid_gas/availability") == ["offline"])
}

@Test func theFirstReadingOfAMeterPutsAvailabilityBeforeDiscoveryBeforeValues() {
  var desk = OutboxDesk()
  desk.configure("grid")
  desk.connect()
  desk.drain()
  desk.publish("grid", [(.power, "472"), (.voltage, "230.1")])
  #expect(
    desk.drain().topics == [
      "meterbridge/grid/availability", "homeassistant/device/meterbridge_grid/config", "meterbridge/grid/power",
      "meterbridge/grid/voltage", "meterbridge/grid/last_telegram",
    ])
}

// MARK: - Values

@Test func aValueGoesOutWhenItDiffersAndNotMoreOftenThanTheInterval() {
  var desk = OutboxDesk()
  desk.configure("grid")
  desk.connect()
  var sent: [(at: Int64, text: String)] = []
  let start = desk.now
  for second in 0..<60 {
    desk.publish("grid", [(.power, "\(second)"), (.voltage, "230")])
    sent += desk.pass(.seconds(1)).to("grid/power").map { (desk.now.milliseconds - start.milliseconds, $0) }
  }
  #expect(sent.map(\.text) == ["0", "10", "20", "30", "40", "50"])
  #expect(desk.sent.to("grid/voltage") == ["230"])
}

@Test func theNewestValueIsOutWhenTheIntervalEnds() {
  var desk = OutboxDesk()
  desk.configure("grid")
  desk.connect()
  desk.publish("grid", [(.power, "1")])
  desk.drain()
  desk.now = desk.now + .seconds(3)
  desk.publish("grid", [(.power, "2")])
  desk.publish("grid", [(.power, "3")])
  #expect(desk.pass(Milliseconds(6_999)).to("grid/power") == [])
  #expect(desk.pass(1).to("grid/power") == ["3"])
}

@Test func aValueThatComesBackWithinTheIntervalIsNoNews() {
  var desk = OutboxDesk()
  desk.configure("grid")
  desk.connect()
  desk.publish("grid", [(.power, "1")])
  desk.drain()
  desk.publish("grid", [(.power, "2")])
  desk.publish("grid", [(.power, "1")])
  #expect(desk.pass(.minutes(1)).to("grid/power") == [])
}

@Test func anUnchangedValueIsSentAgainAfterTheHeartbeatAndOnlyWithATelegram() {
  var desk = OutboxDesk()
  desk.configure("grid")
  desk.connect()
  for _ in 0..<600 {
    desk.publish("grid", [(.power, "1")])
    desk.pass(.seconds(1))
  }
  #expect(desk.sent.to("grid/power").count == 2)
  // A silent meter says nothing.
  #expect(desk.pass(.minutes(30)).to("grid/power") == [])
}

@Test func theTimeOfTheLastTelegramGoesOutOnceAMinuteWithItsOffset() {
  var desk = OutboxDesk()
  desk.configure("grid")
  desk.connect()
  let start = desk.now
  for _ in 0..<180 {
    desk.publish("grid", [(.power, "1")])
    desk.pass(.seconds(1))
  }
  let expected = [0, 60, 120].map { WallTime(milliseconds: start.milliseconds + $0 * 1000).description }
  #expect(desk.sent.to("grid/last_telegram") == expected)
}

@Test func withAnIntervalOfZeroEveryValueGoesOut() {
  var desk = OutboxDesk()
  desk.outbox.take(.meters([OutboxDesk.meter("grid", minimumInterval: 0)]), at: desk.now)
  desk.connect()
  for second in 0..<5 {
    desk.publish("grid", [(.power, "\(second)")])
    desk.pass(.seconds(1))
  }
  #expect(desk.sent.to("grid/power") == ["0", "1", "2", "3", "4"])
}

@Test func afterAnOutageTheNewestValueIsFirstAndAtOnce() {
  var desk = OutboxDesk()
  desk.configure("grid")
  desk.connect()
  desk.publish("grid", [(.power, "1")])
  desk.drain()
  desk.disconnect()
  for second in 2..<9 { desk.publish("grid", [(.power, "\(second)")], reading: "\(second)") }
  desk.connect()
  let sent = desk.drain()
  #expect(sent.to("grid/power") == ["8"])
  let places = ["power", "reading"].map { sent.topics.firstIndex(of: "meterbridge/grid/\($0)") ?? 0 }
  #expect(places[0] < places[1])
  #expect(sent.to("grid/reading") == (2..<9).map(String.init))
}

@Test func oneMessageOfATopicIsUnderWayAndTheNewestFollows() {
  var desk = OutboxDesk()
  desk.outbox.take(.meters([OutboxDesk.meter("grid", minimumInterval: 0)]), at: desk.now)
  desk.connect()
  desk.drain()
  for power in 1...5 {
    desk.publish("grid", [(.power, "\(power)")])
    desk.handOver()
  }
  #expect(desk.sent.to("grid/power") == ["1"])
  desk.answer()
  desk.handOver()
  #expect(desk.sent.to("grid/power") == ["1", "5"])
}

@Test func noMoreThanTheWindowIsUnderWay() {
  for (told, expected) in [(65_535, 20), (3, 3), (1, 1)] {
    var desk = OutboxDesk()
    desk.configure("a", "b", "c", "d", "e", "f", "g")
    for id in ["a", "b", "c", "d", "e", "f", "g"] {
      desk.publish(id, [(.power, "1"), (.voltage, "230")], reading: "{}")
    }
    desk.connect { $0.receiveMaximum = told }
    desk.handOver()
    #expect(desk.open.count == expected)
    let first = desk.open[0]
    desk.outbox.finish(first.item, refusal: nil, at: desk.now)
    desk.handOver()
    #expect(desk.sent.count == expected + 1)
  }
}

// MARK: - Readings

@Test func readingsKeepTheirOrderAndWaitForTheirOwnMeterOnly() {
  var desk = OutboxDesk(discovery: false)
  desk.configure("grid", "heat")
  desk.connect()
  desk.drain()
  for number in 1...3 {
    desk.publish("grid", [], reading: "g\(number)")
    desk.publish("heat", [], reading: "h\(number)")
  }
  desk.handOver()
  #expect(desk.sent.to("grid/reading") == ["g1"] && desk.sent.to("heat/reading") == ["h1"])
  desk.drain()
  #expect(desk.sent.to("grid/reading") == ["g1", "g2", "g3"] && desk.sent.to("heat/reading") == ["h1", "h2", "h3"])
}

@Test func readingsOfAnOutageComeFromTheJournalInOrder() {
  var desk = OutboxDesk(discovery: false)
  desk.configure("grid")
  for number in 0..<500 {
    desk.publish("grid", [], reading: "\(number)")
    desk.pass(.seconds(1))
  }
  #expect(desk.outbox.backlog.readings == 500 && desk.store.rows.count >= 499)
  desk.connect()
  #expect(desk.drain().to("grid/reading") == (0..<500).map(String.init))
  #expect(desk.outbox.backlog.readings == 0)
  desk.pass(.seconds(2))
  #expect(desk.store.rows.isEmpty && desk.journal.status == JournalStatus())
}

@Test func aLiveReadingQueuesBehindItsOwnMetersHistoryAndNobodyElses() {
  var desk = OutboxDesk(discovery: false, replayPace: 20)
  desk.configure("grid", "heat")
  for number in 0..<100 { desk.publish("grid", [], reading: "\(number)") }
  desk.drain()
  desk.connect()
  desk.drain()
  desk.publish("grid", [(.power, "1")], reading: "live")
  desk.publish("heat", [], reading: "live")
  #expect(desk.drain().to("heat/reading") == ["live"])
  #expect(desk.sent.to("grid/power") == ["1"] && desk.sent.to("grid/reading") == ["0"])
  desk.pass(.seconds(1))
  #expect(desk.sent.to("grid/reading").count == 51)
  desk.pass(.seconds(2))
  #expect(desk.sent.to("grid/reading") == (0..<100).map(String.init) + ["live"])
}

@Test func readingsOfAnEarlierRunGoFirstAlsoThoseOfMetersThatAreGone() {
  var first = OutboxDesk(discovery: false)
  first.configure("grid", "old")
  for number in 0..<50 {
    first.publish("grid", [], reading: "g\(number)")
    first.publish("old", [], reading: "o\(number)")
  }
  first.drain()
  first.journal.finish(at: first.now)
  var desk = OutboxDesk(discovery: false, store: first.store)
  desk.configure("grid")
  desk.connect()
  desk.publish("grid", [], reading: "new")
  desk.drain()
  #expect(desk.sent.to("grid/reading") == (0..<50).map { "g\($0)" } + ["new"])
  #expect(desk.sent.to("old/reading") == (0..<50).map { "o\($0)" })
  desk.pass(.seconds(2))
  #expect(desk.store.rows.isEmpty)
}

@Test func withABrokerTheDiskIsLeftAloneUnlessAReadingIsUnacknowledgedForTwoSeconds() {
  var desk = OutboxDesk(discovery: false)
  desk.configure("grid")
  desk.connect()
  for number in 0..<100 {
    desk.publish("grid", [], reading: "\(number)")
    desk.pass(.seconds(1))
  }
  #expect(desk.store.commits == 0)
  desk.publish("grid", [], reading: "slow")
  desk.handOver()
  desk.now = desk.now + Milliseconds(1_999)
  desk.handOver()
  #expect(desk.store.commits == 0)
  desk.now = desk.now + 1
  desk.handOver()
  #expect(desk.store.rows.map(\.payload) == [Array("slow".utf8)])
  desk.answer()
  desk.pass(.seconds(2))
  #expect(desk.store.rows.isEmpty)
}

@Test func anUnacknowledgedReadingIsSentAgainAfterAReconnect() {
  var desk = OutboxDesk(discovery: false)
  desk.configure("grid")
  desk.connect()
  desk.drain()
  desk.publish("grid", [], reading: "1")
  desk.handOver()
  desk.disconnect()
  desk.connect()
  #expect(desk.drain().to("grid/reading") == ["1"])
  desk.disconnect()
  desk.connect()
  #expect(desk.drain().to("grid/reading") == [])
}

// MARK: - The bridge's own topics

@Test func theInfoNamesMetersAndProtocolsAndSaysWhatThreeOneOneHides() {
  var desk = OutboxDesk()
  desk.configure("grid")
  desk.connect()
  let five = desk.drain().to("bridge/info")
  let started = WallTime(milliseconds: 0).description
  let document =
    #"{"version":"0.1.0","started":"\#(started)","meters":[{"id":"grid","protocol":"p1"}],"protocols":["mbus","p1","dlms","echonet"]"#
  #expect(five == [document + "}"])
  desk.disconnect()
  desk.connect(.threeOneOne)
  #expect(
    desk.drain().to("bridge/info")
      == [document + #","note":"MQTT 3.1.1: the broker does not tell which messages it refuses"}"#])
}

@Test func healthIsRetainedAndDeadLettersAreNotAndBothNeedNoAnswer() {
  var desk = OutboxDesk()
  desk.configure("grid")
  desk.outbox.take(.deadLetter(Array("lost".utf8)), at: desk.now)
  desk.outbox.take(.health(Array("h1".utf8)), at: desk.now)
  desk.connect()
  #expect(desk.drain().filter { $0.topic.hasSuffix("bridge/dead_letter") }.isEmpty)
  desk.outbox.take(.deadLetter(Array("one".utf8)), at: desk.now)
  desk.outbox.take(.deadLetter(Array("two".utf8)), at: desk.now)
  desk.outbox.take(.health(Array("h2".utf8)), at: desk.now)
  let sent = desk.drain()
  #expect(sent.to("bridge/dead_letter") == ["one", "two"])
  #expect(desk.sent.to("bridge/health") == ["h1", "h2"])
  #expect(sent.allSatisfy { $0.qos == 0 && $0.retain == $0.topic.hasSuffix("health") })
}

// MARK: - Home Assistant

@Test func aBirthIsAnsweredOnceMeterByMeterWithinFiveSeconds() {
  for seed in UInt64(1)...20 {
    var desk = OutboxDesk(seed: seed)
    desk.configure("grid", "heat")
    desk.connect()
    desk.publish("grid", [(.power, "472")])
    desk.publish("heat", [(.energy, "1160")])
    desk.drain()
    for _ in 0..<3 {
      _ = desk.outbox.received("homeassistant/status", Array("online".utf8), isRetained: false, at: desk.now)
    }
    let expected = [
      "homeassistant/device/meterbridge_bridge/config",
      "meterbridge/grid/availability", "homeassistant/device/meterbridge_grid/config", "meterbridge/grid/power",
      "meterbridge/grid/last_telegram",
      "meterbridge/heat/availability", "homeassistant/device/meterbridge_heat/config", "meterbridge/heat/energy",
      "meterbridge/heat/last_telegram",
    ]
    #expect(desk.pass(.seconds(5)).topics.filter { !$0.contains("/bridge/") } == expected)
    #expect(desk.pass(.minutes(1)).isEmpty)
  }
}

@Test func offlineRetainedAndForeignMessagesAreNoBirth() {
  var desk = OutboxDesk()
  desk.configure("grid")
  desk.connect()
  desk.drain()
  _ = desk.outbox.received("homeassistant/status", Array("offline".utf8), isRetained: false, at: desk.now)
  _ = desk.outbox.received("homeassistant/status", Array("online".utf8), isRetained: true, at: desk.now)
  _ = desk.outbox.received("elsewhere/status", Array("online".utf8), isRetained: false, at: desk.now)
  #expect(desk.pass(.minutes(1)).isEmpty)
}

@Test func aReadIsReportedForConfiguredMetersOnly() {
  var desk = OutboxDesk()
  desk.configure("grid")
  desk.connect()
  func asked(_ topic: String, isRetained: Bool = false) -> String? {
    if case .read(let meter)? = desk.outbox.received(topic, [], isRetained: isRetained, at: desk.now) {
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

@Test func discoveryIsSentAgainOnlyWhenFieldsOrIdentityChange() {
  var desk = OutboxDesk()
  desk.configure("grid")
  desk.connect()
  desk.publish("grid", [(.power, "1")])
  #expect(desk.drain().discoveries.count == 2)
  desk.publish("grid", [(.power, "2")])
  desk.publish("grid", [])
  #expect(desk.pass(.minutes(1)).discoveries.isEmpty)
  desk.publish("grid", [(.power, "2"), (.voltage, "230")])
  #expect(desk.drain().discoveries == ["homeassistant/device/meterbridge_grid/config"])
  var changed = OutboxDesk.publication("grid", [(.power, "2")], at: desk.now)
  changed.device.serial = "2"
  desk.outbox.take(.publication(changed), at: desk.now)
  #expect(desk.drain().discoveries == ["homeassistant/device/meterbridge_grid/config"])
}

@Test func aFieldThatComesWhileItsDocumentIsUnderWayGetsAnotherOne() {
  var desk = OutboxDesk()
  desk.configure("grid")
  desk.connect()
  desk.drain()
  desk.publish("grid", [(.power, "1")])
  desk.handOver()
  desk.publish("grid", [(.power, "1"), (.voltage, "230")])
  desk.answer()
  let documents = desk.drain().filter { $0.topic.hasSuffix("_grid/config") }
  #expect(documents.count == 1 && documents[0].text.contains("grid/voltage"))
}

// MARK: - The end

@Test func aCleanEndSendsWhatIsHeldAndThenOffline() {
  var desk = OutboxDesk()
  desk.configure("grid")
  desk.connect()
  desk.publish("grid", [(.power, "1")])
  desk.drain()
  desk.publish("grid", [(.power, "2")], reading: "last")
  desk.outbox.take(.stop, at: desk.now)
  desk.handOver()
  #expect(desk.open.topics.last != "meterbridge/bridge/state")
  desk.answer()
  desk.handOver()
  #expect(desk.sent.to("grid/power").last == "2" && desk.sent.to("grid/reading") == ["last"])
  #expect(desk.sent.last.map { $0.topic == "meterbridge/bridge/state" && $0.text == "offline" && $0.retain } == true)
  #expect(desk.outbox.ending == nil)
  desk.answer()
  #expect(desk.outbox.ending == .clean)
}

@Test func aBrokerThatDoesNotAnswerAtTheEndIsLeftToItsWill() {
  var desk = OutboxDesk()
  desk.configure("grid")
  desk.connect()
  desk.handOver()
  desk.outbox.take(.stop, at: desk.now)
  let stopped = desk.now
  while desk.outbox.ending == nil, let deadline = desk.outbox.deadline(at: desk.now) {
    desk.now = max(desk.now, deadline)
    desk.outbox.tick(at: desk.now)
    desk.handOver()
    if desk.now - stopped > .seconds(5) { break }
  }
  #expect(desk.outbox.ending == .abandoned)
  #expect((desk.now - stopped).count == Limits.farewell)
}

@Test func withoutAConnectionTheEndComesAtOnce() {
  var desk = OutboxDesk()
  desk.configure("grid")
  desk.outbox.take(.stop, at: desk.now)
  desk.outbox.tick(at: desk.now)
  #expect(desk.outbox.ending == .abandoned)
}
