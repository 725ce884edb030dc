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
