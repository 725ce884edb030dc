import Foundation
import Testing
import TestSupport

@testable import Base

@Test("forget clears the bridge's topics and nothing else, and refuses beside the daemon")
func forget() throws {
  let bridge = try RunningBridge(try Broker())
  try bridge.simulate("p1-nl=port")
  try bridge.configure("  - {id: grid, protocol: p1, source: $/port}")
  let others = ["homeassistant/device/other_grid/config", "other/grid/power"]
  for topic in others {
    let words = ["-p", "\(bridge.broker.port)", "-t", topic, "-m", "1", "-r", "-q", "1"]
    try #require(eventually { (try? ChildProcess("/usr/bin/mosquitto_pub", words).wait()) == 0 })
  }
  try bridge.run()
  let before = try Subscriber(to: bridge.broker)
  let gas = "homeassistant/device/meterbridge_grid_gas/config"
  #expect(before.eventually { $0.last(gas) != nil && $0.last("meterbridge/grid/energy_import") != nil })
  #expect(try bridge.command("forget") == 69)
  #expect(try bridge.command("capture", "grid", "--for", "1") == 69)
  bridge.end()

  #expect(try bridge.command("forget", "--dry-run") == 0)
  let still = try Subscriber(to: bridge.broker)
  #expect(still.eventually { $0.last(gas) != nil })
  #expect(try bridge.command("forget", "grid_gas") == 0)
  #expect(still.eventually { $0.last(gas) == "" })
  #expect(try bridge.command("forget") == 0)
  let after = try Subscriber(to: bridge.broker)
  #expect(after.eventually { Set(others).isSubset(of: $0.topics) })
  after.publish("probe", "end")
  #expect(after.eventually { $0.last("probe") != nil })
  #expect(Set(after.messages.filter(\.isRetained).map(\.topic)) == Set(others))
}

@Test("capture writes the telegrams of a P1 port without their numbers, and decode reads them")
func captureOfP1() throws {
  let bridge = try RunningBridge(try Broker())
  try bridge.simulate("p1-nl=port", speed: 1)
  try bridge.configure("  - {id: grid, protocol: p1, source: $/port}")
  let path = bridge.path("capture.txt")
  #expect(try bridge.command("capture", "grid", "--for", "4", "--output", path) == 0)
  let text = try String(contentsOfFile: path, encoding: .utf8)
  #expect(text.hasPrefix("# meterbridge \(Version.text) capture: p1, "))
  #expect(text.contains("\n0-0:96.1.1(") && text.contains("303030303031)"))
  #expect(try ChildProcess(RealProgram.path, ["decode", path]).wait() == 0)
}
