import Decoders
import Testing
import TestSupport

@testable import Base
@testable import Meters
@testable import MQTT
@testable import Publishing

@Test("the bridge subscribes to exact topics: read of polled meters, accept of all, the birth, and its state")
func exactTopics() {
  var harness = OutboxHarness()
  let pushing = OutboxHarness.meter("grid", isPolled: false)
  harness.outbox.take(.meters([OutboxHarness.meter("heat", isPolled: true), pushing]), at: harness.now)
  #expect(harness.outbox.takeSubscriptionChange() == nil)
  harness.connect()
  let first = harness.outbox.takeSubscriptionChange()
  #expect(
    first?.added == [
      "meterbridge/bridge/state", "homeassistant/status", "meterbridge/heat/read", "meterbridge/heat/accept",
      "meterbridge/grid/accept",
    ])
  #expect(first?.removed == [])
  #expect(harness.outbox.takeSubscriptionChange() == nil)
  #expect(first?.added.allSatisfy { !$0.contains("+") && !$0.contains("#") } == true)
  // A message on another topic would come only from a broker that was not asked for it.
  #expect(harness.outbox.received("meterbridge/grid/read", [], isRetained: false, at: harness.now) == nil)
}

@Test("subscriptions follow the meters, and a new connection has all of them")
func subscriptionsFollowMeters() {
  var harness = OutboxHarness(discovery: false)
  harness.configure("heat", isPolled: true)
  harness.connect()
  let state = "meterbridge/bridge/state"
  #expect(
    harness.outbox.takeSubscriptionChange()?.added == [state, "meterbridge/heat/read", "meterbridge/heat/accept"])
  harness.publish("heat_water", [(.volume, "1")], parent: "heat")
  #expect(harness.outbox.takeSubscriptionChange()?.added == ["meterbridge/heat_water/accept"])
  harness.configure("water", isPolled: true)
  let change = harness.outbox.takeSubscriptionChange()
  #expect(change?.added == ["meterbridge/water/read", "meterbridge/water/accept"])
  #expect(
    change?.removed == ["meterbridge/heat/accept", "meterbridge/heat/read", "meterbridge/heat_water/accept"])
  harness.disconnect()
  harness.connect()
  #expect(
    harness.outbox.takeSubscriptionChange()?.added == [state, "meterbridge/water/read", "meterbridge/water/accept"])
}
