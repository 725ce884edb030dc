import Foundation
import Glibc
import Testing
import TestSupport

@Test(
  "meters of an included file have its defaults, names that tell them apart, and a flat object that goes with its option"
)
func includedMeters() throws {
  let broker = try Broker()
  let bridge = try RunningBridge(broker)
  try bridge.simulate("mbus-multical303=bus", "mbus-multical303=bus")
  try bridge.simulate("p1-nl=port")
  func write(_ state: String) throws {
    try """
    defaults: {protocol: mbus, source: \(bridge.path("bus")), interval: 1s, state: \(state)}
    meters: [{id: one, address: 1}, {id: two, address: 2}]
    """.write(toFile: bridge.path("flats.yaml"), atomically: true, encoding: .utf8)
  }
  try write("true")
  try bridge.configure(
    "  - {id: grid, name: Home, protocol: p1, source: $/port, enable: [voltage]}", more: "include: flats.yaml")
  try bridge.run()
  let page = bridge.path("message")
  /// The retained message of a topic, as a whole; empty without one.
  func message(_ topic: String) -> String {
    let command = "exec mosquitto_sub -h 127.0.0.1 -p \(broker.port) -t '\(topic)' -C 1 -W 1 >\"$0\" 2>/dev/null"
    _ = try? ChildProcess("/bin/sh", ["-c", command, page]).wait()
    return (try? String(contentsOfFile: page, encoding: .utf8)) ?? ""
  }
  func hasName(_ id: String, _ name: String) -> Bool {
    message("homeassistant/device/meterbridge_\(id)/config").contains("\"name\":\"\(name)\"")
  }
  #expect(
    eventually {
      hasName("one", "KAM MULTICAL 303 83012345") && hasName("two", "KAM MULTICAL 303 83012346")
        && hasName("grid_gas", "Home gas")
    }, "\(bridge.log)")
  let grid = message("homeassistant/device/meterbridge_grid/config")
  let voltage = try #require(grid.firstMatch(of: /"voltage_l1":{[^}]*/))
  #expect(!voltage.0.contains("enabled_by_default"))

  let state = message("meterbridge/one/state")
  #expect(state.hasPrefix(#"{"status":"ok","energy":1160,"volume":104.19,"#), "\(state)")
  #expect(message("meterbridge/grid/state").isEmpty)
  try write("false")
  kill(try #require(bridge.daemon).id, SIGHUP)
  #expect(eventually { message("meterbridge/one/state").isEmpty }, "\(bridge.log)")
  bridge.end()
}
