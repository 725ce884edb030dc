import Testing
import TestSupport

@testable import Decoders
@testable import Meters
@testable import Publishing

private let retained = RetainedState(
  baseTopic: "meterbridge", discoveryPrefix: "homeassistant", nodeID: "meterbridge",
  devices: [
    RetainedState.Entry(
      device: Device(id: "grid", medium: .electricity, protocolName: "p1"), fields: [described(FieldKey(.power))]),
    RetainedState.Entry(device: Device(id: "grid_gas", parent: "grid", medium: .gas, protocolName: "p1"), fields: []),
    RetainedState.Entry(device: Device(id: "gone", medium: .water, protocolName: "mbus"), fields: []),
  ])

private func own(_ only: String? = nil, retained: RetainedState? = retained, root: String = "meterbridge") -> OwnTopics
{
  OwnTopics(
    baseTopic: root, homeAssistant: HomeAssistantSettings(), configured: ["grid", "heat"], retained: retained,
    only: only)
}

private let document = Array(
  #"{"identifiers":["meterbridge_bridge"],"availability":[{"topic":"meterbridge/bridge/state"}]}"#.utf8)
private let value = Array("1".utf8)

private func filters(_ id: String) -> [String] {
  ["homeassistant/device/meterbridge_\(id)/config", "homeassistant/+/meterbridge_\(id)/+/config"]
}

@Test("the topics of the state file are cleared even if the broker does not tell them")
func topicsOfState() {
  let discovery = ["bridge", "gone", "grid", "grid_gas"].map { "homeassistant/device/meterbridge_\($0)/config" }
  let state = ["bridge/health", "bridge/info", "bridge/state", "gone/availability", "grid/availability", "grid/power"]
  #expect(own().all == discovery + (state + ["grid_gas/availability"]).map { "meterbridge/\($0)" })
  #expect(own("gone").all == [discovery[1], "meterbridge/gone/availability"])
  #expect(own("grid").all.count == 5)
  #expect(own(retained: nil).all == [])
}

@Test("the classic documents of the state file are cleared")
func classicDocumentsOfState() {
  var state = retained
  state.forms = .both
  let grid = ["device/meterbridge_grid", "sensor/meterbridge_grid/power"].map { "homeassistant/\($0)/config" }
  #expect(own("grid", retained: state).all.filter { $0.contains("_grid/") } == grid)
  state.forms = .classic
  let all = own(retained: state).all
  #expect(all.contains("homeassistant/binary_sensor/meterbridge_bridge/state/config"))
  #expect(all.contains(grid[1]) && !all.contains { $0.contains("/device/") })
  let button = "homeassistant/button/meterbridge_gone/read/config"
  #expect(!all.contains(button))
  state.devices[2].hasButton = true
  #expect(own(retained: state).all.contains(button))
}

@Test("what the broker keeps below the root is cleared, and nothing of others")
func topicsOfBroker() {
  var own = own(retained: nil)
  #expect(own.filters == ["meterbridge/+/+"])
  let ours = [
    "meterbridge/bridge/state", "meterbridge/bridge/info", "meterbridge/attic/power", "meterbridge/heat/power",
  ]
  let others = [
    "meterbridge/bridge/other", "meterbridge/a/b/c", "meterbridge/A/b", "meterbridge", "zigbee2mqtt/bridge/state",
    "meterbridge2/grid/power",
  ]
  for topic in ours + others { own.take(topic, value) }
  own.take("meterbridge/heat/energy", [])
  #expect(own.all == ours.sorted())
}

@Test("a discovery message is ours if its place and its document are")
func discoveryOfOthers() {
  var own = own(retained: nil)
  own.take("meterbridge/attic/power", value)
  #expect(
    own.discoveryFilters
      == ["bridge", "attic", "grid", "heat"].flatMap(filters))
  own.take("homeassistant/device/meterbridge_grid/config", document)
  own.take("homeassistant/device/meterbridge_heat/config", Array(#"{"topic":"other/bridge/state"}"#.utf8))
  own.take("homeassistant/button/meterbridge_heat/read/config", document)
  own.take("homeassistant/device/zigbee_lamp/config", document)
  own.take("homeassistant/sensor/meterbridge_heat/energy/config", document)
  own.take("homeassistant/sensor/meterbridge_cellar/energy/config", document)
  own.take("homeassistant/sensor/zigbee_lamp/energy/config", document)
  own.take("homeassistant/sensor/meterbridge_grid/power/config", Array(#"{"topic":"other/bridge/state"}"#.utf8))
  #expect(
    own.all == [
      "homeassistant/button/meterbridge_heat/read/config", "homeassistant/device/meterbridge_grid/config",
      "homeassistant/sensor/meterbridge_heat/energy/config", "meterbridge/attic/power",
    ])
}

@Test("one meter is cleared with those behind it, and the bridge stays")
func oneMeter() {
  var own = own("heat", retained: nil)
  for topic in ["bridge/state", "heat/power", "heat_gas/volume", "heat_gas_2/volume", "heating/power", "grid/power"] {
    own.take("meterbridge/\(topic)", value)
  }
  #expect(own.all == ["meterbridge/heat/power", "meterbridge/heat_gas/volume", "meterbridge/heat_gas_2/volume"])
  #expect(own.discoveryFilters == ["heat", "heat_gas", "heat_gas_2"].flatMap(filters))
}

@Test("the root of the last run is cleared too")
func formerRoot() {
  var own = own(root: "home/meters")
  #expect(own.filters == ["home/meters/+/+", "meterbridge/+/+"])
  own.take("home/meters/grid/power", value)
  own.take("meterbridge/heat/power", value)
  #expect(own.all.contains("home/meters/grid/power") && own.all.contains("meterbridge/heat/power"))
}
