import Decoders
import Glibc
import Testing
import TestSupport

@testable import Base
@testable import MQTT
@testable import Platform
@testable import Publishing

@Test("a broker that speaks only 3.1.1 is served with it", arguments: OldBroker.Refusal.allCases)
func oldBroker(
  refusal: OldBroker.Refusal
) throws {
  let broker = try OldBroker(refusal)
  let harness = try BrokerThreadHarness(port: broker.port)
  #expect(harness.eventually { broker.seen().contains("CONNECT 4") })
  harness.publish([(.power, "472")], reading: "{}")
  #expect(harness.eventually { broker.seen().contains("PUBLISH meterbridge/grid/reading") })
  #expect(broker.seen().first == "CONNECT 5")
  #expect(broker.seen().contains("PUBLISH meterbridge/grid/power"))
  #expect(harness.eventually { harness.hasDeliveredAll })
  harness.stop()
}

/// The property 1F is the reason string (MQTT 5, section 2.2.2.2).
@Test("the broker's words reach the log, without the password")
func brokerWordsInTheLog() throws {
  let words = Array("tenant of s3cret is closed".utf8)
  let properties = [0x1F, 0, UInt8(words.count)] + words
  let packet = [0x20, UInt8(properties.count + 3), 0, 0x87, UInt8(properties.count)] + properties
  let broker = try ScriptedBroker(packet)
  let bridge = try RunningBridge(Broker(starts: false))
  try bridge.configure(
    "  - {id: grid, protocol: p1, source: 'file:/dev/null'}", port: broker.port, mqtt: "username: u, password: s3cret")
  try bridge.run()
  #expect(eventually { bridge.log.contains("not authorised") })
  #expect(bridge.log.contains("(the broker says \"tenant of *** is closed\")"))
  #expect(!bridge.log.contains("s3cret"))
  bridge.end()
}

@Test("a connection that ends over what the broker sent is not called a take-over")
func malformedIsNotATakeOver() throws {
  // CONNACK with success, then a PUBACK without its packet identifier.
  let broker = try ScriptedBroker([0x20, 3, 0, 0, 0, 0x40, 0])
  let harness = try BrokerThreadHarness(port: broker.port)
  #expect(harness.eventually { harness.lost.count >= 3 })
  #expect(harness.lost.allSatisfy { $0.contains("not MQTT") || $0.contains("libmosquitto") }, "\(harness.lost)")
  harness.stop()
}

@Test("a message that is never acknowledged is sent again on a new connection")
func aMessageThatIsNeverAcknowledgedIsSentAgainOnANewConnection() throws {
  let broker = try OldBroker(.connack, forgets: "meterbridge/grid/power")
  let harness = try BrokerThreadHarness(port: broker.port) { $0.keepAlive = .seconds(5) }
  harness.publish([(.power, "472")])
  #expect(harness.eventually { broker.seen().contains("PUBLISH meterbridge/grid/power") })
  harness.publish([(.power, "473")], reading: "{}")
  #expect(harness.eventually { harness.lost.last?.contains("does not acknowledge a message") == true })
  #expect(harness.eventually { broker.seen().count { $0 == "PUBLISH meterbridge/grid/power" } >= 2 })
  #expect(harness.eventually { harness.hasDeliveredAll })
  harness.stop()
}

@Test("a broker that answers nothing is given up, and the thread still ends")
func aBrokerThatIsABlackHoleIsGivenUpAndTheThreadStillEnds() throws {
  let broker = try SYNDrop()
  let harness = try BrokerThreadHarness(port: broker.port)
  let start = Clock.now()
  #expect(harness.eventually { harness.status.current.lastStep > start + .seconds(1) })
  #expect(!harness.isConnected)
  harness.stop()
}
