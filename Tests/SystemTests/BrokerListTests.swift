import Decoders
import Glibc
import Testing
import TestSupport

@testable import Base
@testable import MQTT
@testable import Platform
@testable import Publishing

@Test("with a list of brokers the next one takes over, and no reading is lost") func listOfBrokers() throws {
  let brokers = [try Broker(), try Broker()]
  try #require(eventually { brokers.allSatisfy(\.isListening) })
  let harness = try BrokerThreadHarness(to: brokers[0]) { mqtt in
    mqtt.hosts = brokers.map { BrokerPlace(host: "127.0.0.1", port: $0.port) }
  }
  #expect(harness.eventually { harness.isConnected })
  for round in 0..<4 {
    let (here, there) = (brokers[round % 2], brokers[1 - round % 2])
    #expect(harness.status.current.link?.broker == "127.0.0.1:\(here.port)")
    let subscriber = try Subscriber(to: there)
    here.end(SIGKILL)
    harness.publish([(.power, "\(round)")], reading: "\(round)")
    #expect(harness.eventually { harness.hasDeliveredAll })
    #expect(
      subscriber.eventually {
        $0.last("meterbridge/grid/reading") == "\(round)" && $0.last("meterbridge/bridge/state") == "online"
      })
    try here.start()
  }
  harness.stop()
}
