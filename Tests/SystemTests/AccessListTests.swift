import Foundation
import Testing
import TestSupport

/// A broker as deploy/mosquitto sets it up, with its files in a folder of its own and a certificate for `localhost`.
private func deployedBroker() throws -> Broker {
  let folder = repository.appending(path: "deploy/mosquitto")
  let settings = try String(contentsOf: folder.appending(path: "meterbridge.conf"), encoding: .utf8)
  #expect(settings.contains("/etc/mosquitto/certs/broker.key") && settings.contains("/etc/mosquitto/passwords"))
  let moved = settings.replacing("/etc/mosquitto/certs", with: "$FOLDER").replacing("/etc/mosquitto", with: "$FOLDER")
  let broker = try Broker(
    moved.replacing("listener 1883 localhost", with: "listener \(try freePort()) localhost")
      .replacing("listener 8883", with: "listener $PORT 127.0.0.1"), starts: false)
  try FileManager.default.copyItem(
    at: folder.appending(path: "meterbridge.acl"), to: broker.path("meterbridge.acl"))
  let made = try ShellCommand(
    #"""
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost \
      -addext subjectAltName=DNS:localhost -keyout "$0/broker.key" -out "$0/broker.pem"
    """#, broker.path("").path)
  try #require(made.status == 0, "\(made.output)")
  return broker
}

@Test("the broker of deploy/mosquitto lets the bridge do everything, and others only what they need")
func deployedRights() throws {
  let broker = try deployedBroker()
  try broker.setPassword(user: "meterbridge", password: "one")
  for user in ["homeassistant", "dashboard", "owner"] {
    let made = try ChildProcess("/usr/bin/mosquitto_passwd", ["-b", broker.path("passwords").path, user, "two"])
    try #require(made.wait() == 0)
  }
  try broker.start()
  let certificate = broker.path("broker.pem").path
  let bridge = try RunningBridge(broker)
  try bridge.simulate("mbus-multical303=bus")
  try bridge.configure(
    "  - {id: heat, protocol: mbus, source: $/bus, interval: 1h}", host: "localhost",
    mqtt: "username: meterbridge, password: one, tls: {ca_file: '\(certificate)'}")
  try bridge.run()

  let login = ["--cafile", certificate, "-h", "localhost", "-p", "\(broker.port)"]
  /// The messages on a topic that a user gets within a second or two.
  func seen(by user: String, _ topic: String, count: Int = 1) throws -> Bool {
    let words = login + ["-u", user, "-P", "two", "-t", topic]
    return try ChildProcess("/usr/bin/mosquitto_sub", words + ["-C", "\(count)", "-W", "3"]).wait() == 0
  }
  /// Whether a user may publish there. MQTT 5 says so.
  func mayPublish(_ topic: String, _ user: String, _ password: String = "two") throws -> Bool {
    let words = "-V 5 -q 1 --cafile \(certificate) -h localhost -p \(broker.port) -u \(user) -P \(password) -m x"
    let said = try ShellCommand("mosquitto_pub \(words) -t \"$0\"", topic)
    #expect(said.output.isEmpty || said.output.contains("Not authorized"), "\(said.output)")
    return said.output.isEmpty
  }
  #expect(eventually { (try? seen(by: "homeassistant", "meterbridge/heat/energy")) == true }, "\(bridge.log)")
  #expect(try seen(by: "homeassistant", "homeassistant/device/meterbridge_heat/config"))
  #expect(try seen(by: "dashboard", "meterbridge/heat/energy"))
  #expect(try !seen(by: "dashboard", "homeassistant/#"))
  #expect(!bridge.deadLetters.contains("not_authorized"))
  // The broker refuses who has no user; without TLS no one comes in.
  let anonymous = try ChildProcess("/usr/bin/mosquitto_sub", login + ["-t", "meterbridge/#", "-C", "1", "-W", "3"])
  #expect(anonymous.wait() == 5)
  let plain = ["-h", "localhost", "-p", "\(broker.port)", "-u", "dashboard", "-P", "two", "-t", "meterbridge/#"]
  #expect(try ChildProcess("/usr/bin/mosquitto_sub", plain + ["-C", "1", "-W", "3"]).wait() != 0)

  for user in ["dashboard", "homeassistant", "owner"] { #expect(try !mayPublish("meterbridge/heat/energy", user)) }
  for user in ["dashboard", "homeassistant"] { #expect(try !mayPublish("meterbridge/heat/accept", user)) }
  #expect(try !mayPublish("meterbridge/heat/read", "dashboard") && mayPublish("meterbridge/heat/read", "homeassistant"))
  #expect(try !mayPublish("homeassistant/sensor/x/config", "meterbridge", "one"))
  #expect(try mayPublish("meterbridge/heat/accept", "owner"))
  #expect(eventually { bridge.log.contains("heat: nothing is held back") }, "\(bridge.log)")
  bridge.end()
}
