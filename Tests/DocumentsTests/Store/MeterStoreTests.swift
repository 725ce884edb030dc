import Base
import Decoders
import Documents
import Meters
import Publishing
import Testing

@Test func aMeterIsFoundByItsID() {
  var store = MeterStore(
    bridge: BridgeState(
      started: WallTime(milliseconds: 0), brokerName: "localhost:1883", baseTopic: "meterbridge",
      broker: BrokerStatus(lastStep: Instant(milliseconds: 0))))
  store.add(StoredMeter(Device(id: "grid", medium: .electricity, protocolName: "p1")))
  #expect(store["grid"]?.isOnline == false)
  #expect(store["gas"] == nil)
}
