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
  let subscriber = try Subscriber(to: broker)
  func document(_ topic: String) -> [String: Any] {
    let text = subscriber.last(topic) ?? ""
    return (try? JSONSerialization.jsonObject(with: Data(text.utf8))) as? [String: Any] ?? [:]
  }
  func name(_ id: String) -> String? {
    let device = document("homeassistant/device/meterbridge_\(id)/config")["device"] as? [String: Any]
    return device?["name"] as? String
  }
  let model = "KAM MULTICAL 303 "
  #expect(
    subscriber.eventually { _ in
      name("one")?.hasPrefix(model) == true && name("two")?.hasPrefix(model) == true && name("grid_gas") == "Home gas"
    },
    "\(bridge.log) \(subscriber.messages.count) \(subscriber.topics.filter { $0.hasSuffix("config") }) \(subscriber.last("homeassistant/device/meterbridge_one/config") ?? "-")"
  )
  #expect(name("one") != name("two"))
  let components = document("homeassistant/device/meterbridge_grid/config")["components"] as? [String: [String: Any]]
  #expect(components?["voltage_l1"]?["enabled_by_default"] == nil && components?["voltage_l1"] != nil)

  #expect(subscriber.eventually { _ in document("meterbridge/one/state")["energy"] != nil }, "\(bridge.log)")
  let state = document("meterbridge/one/state")
  #expect(state["energy"] as? Double == 1160 && state["status"] is String)
  #expect(subscriber.last("meterbridge/one/state")?.contains(#""volume":104.19,"#) == true)
  #expect(subscriber.last("meterbridge/grid/state") == nil)
  try write("false")
  kill(try #require(bridge.daemon).id, SIGHUP)
  #expect(subscriber.eventually { $0.last("meterbridge/one/state") == "" }, "\(bridge.log)")
  bridge.end()
}
