import Testing
import TestSupport

@testable import Base

@Test("another form of discovery after a restart leaves nothing of the former behind")
func discoveryForms() throws {
  let bridge = try RunningBridge(try Broker())
  try bridge.simulate("p1-nl=port")
  func run(_ discovery: String) throws {
    bridge.end()
    try bridge.configure(
      "  - {id: grid, protocol: p1, source: $/port}", more: "home_assistant: {discovery: \(discovery)}")
    try bridge.run()
  }
  /// The discovery topics that a new subscriber gets.
  func retained() throws -> Set<String> {
    let subscriber = try Subscriber(to: bridge.broker)
    subscriber.publish("probe", "end")
    #expect(subscriber.eventually { $0.last("probe") != nil })
    return Set(subscriber.messages.filter { $0.isRetained && $0.topic.hasPrefix("homeassistant/") }.map(\.topic))
  }
  let device = Set(["bridge", "grid", "grid_gas"].map { "homeassistant/device/meterbridge_\($0)/config" })
  let power = "homeassistant/sensor/meterbridge_grid/power/config"
  let volume = "homeassistant/sensor/meterbridge_grid_gas/volume/config"
  let state = "homeassistant/binary_sensor/meterbridge_bridge/state/config"

  try run("device")
  #expect(eventually(every: 200) { (try? retained()) == device })
  let watcher = try Subscriber(to: bridge.broker)
  try run("classic")
  #expect(eventually(every: 200) { (try? retained().isDisjoint(with: device)) == true }, "\(bridge.log)")
  let classic = try retained()
  #expect(classic.isSuperset(of: [power, volume, state]))
  let told = #"{"migrate_discovery":true}"#
  #expect(watcher.eventually { $0.messages.contains { $0.topic.contains("/device/") && $0.text == told } })
  try run("both")
  #expect(eventually(every: 200) { (try? retained()) == classic.union(device) }, "\(bridge.log)")
  bridge.end()

  #expect(try bridge.command("forget") == 0)
  #expect(try retained().isEmpty)
}
