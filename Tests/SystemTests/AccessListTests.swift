import Foundation
import Testing
import TestSupport

/// The access list of docs/OPERATION.md.
private func documentedAccessList() throws -> String {
  let page = try String(contentsOf: repository.appending(path: "docs/OPERATION.md"), encoding: .utf8)
  let blocks = page.components(separatedBy: "```")
  return try #require(blocks.first { $0.contains("\nuser meterbridge\n") })
}

@Test("the access list of the documentation lets the bridge do everything, and others only what they need")
func documentedRights() throws {
  let broker = try Broker(
    "allow_anonymous false\npassword_file $FOLDER/passwords", accessList: try documentedAccessList(), starts: false)
  try broker.setPassword(user: "meterbridge", password: "one")
  for user in ["homeassistant", "dashboard", "owner"] {
    let made = try ChildProcess("/usr/bin/mosquitto_passwd", ["-b", broker.path("passwords").path, user, "two"])
    try #require(made.wait() == 0)
  }
  try broker.start()
  let bridge = try RunningBridge(broker)
  try bridge.simulate("mbus-multical303=bus")
  try bridge.configure(
    "  - {id: heat, protocol: mbus, source: $/bus, interval: 1h}", mqtt: "username: meterbridge, password: one")
  try bridge.run()

  /// The messages on a topic that a user gets within a second or two.
  func seen(by user: String, _ topic: String, count: Int = 1) throws -> Bool {
    let words = ["-h", "127.0.0.1", "-p", "\(broker.port)", "-u", user, "-P", "two", "-t", topic]
    return try ChildProcess("/usr/bin/mosquitto_sub", words + ["-C", "\(count)", "-W", "3"]).wait() == 0
  }
  /// Publishes as a user. MQTT 3.1.1 does not say whether it is allowed.
  func publish(_ topic: String, by user: String) throws {
    let words = ["-h", "127.0.0.1", "-p", "\(broker.port)", "-u", user, "-P", "two", "-t", topic, "-m", "x"]
    try #require(try ChildProcess("/usr/bin/mosquitto_pub", words).wait() == 0)
  }
  #expect(eventually { (try? seen(by: "homeassistant", "meterbridge/heat/energy")) == true }, "\(bridge.log)")
  #expect(try seen(by: "homeassistant", "homeassistant/device/meterbridge_heat/config"))
  #expect(try seen(by: "dashboard", "meterbridge/heat/energy"))
  #expect(try !seen(by: "dashboard", "homeassistant/#"))
  #expect(!bridge.deadLetters.contains("not_authorized"))

  // An order of the owner comes through, that of a dashboard does not.
  try publish("meterbridge/heat/accept", by: "dashboard")
  try publish("meterbridge/heat/accept", by: "homeassistant")
  try publish("meterbridge/heat/accept", by: "owner")
  #expect(eventually { bridge.log.contains("heat: nothing is held back") }, "\(bridge.log)")
  #expect(bridge.log.components(separatedBy: "heat: nothing is held back").count == 2)
  bridge.end()
}
