import Foundation
import Testing
import TestSupport

@testable import Platform

private let token = "5f0e1b2c3d4e5f60718293a4b5c6d7e8"
private let password = "wai7ooGh"

@Test("as an app of Home Assistant it takes its options, waits for a broker, and lets only ingress see its page")
func homeAssistantApp() throws {
  let broker = try Broker("allow_anonymous false\npassword_file $FOLDER/passwords", starts: false)
  try broker.setPassword(user: "addons", password: password)
  try broker.start()
  let bridge = try RunningBridge(broker)
  try bridge.simulate("p1-nl=p1")
  for folder in ["data", "config"] {
    try FileManager.default.createDirectory(atPath: bridge.path(folder), withIntermediateDirectories: false)
  }
  let meter = #"{"id": "grid", "name": "Home", "protocol": "p1", "device": "\#(bridge.path("p1"))"}"#
  try #"{"meters": [\#(meter)], "mqtt": {}}"#.write(
    toFile: bridge.path("data/options.json"), atomically: true, encoding: .utf8)
  let supervisor = try Page(#"{"result": "error", "message": "Service not enabled"}"#)
  supervisor.status.change { $0 = "400 Bad Request" }

  let environment = ["SUPERVISOR_TOKEN": token, "SUPERVISOR_API": "http://127.0.0.1:\(supervisor.port)"]
  let words = ["run", "--home-assistant-app", bridge.path("")]
  let daemon = try ChildProcess(RealProgram.path, words, log: bridge.path("log"), environment: environment)
  #expect(eventually { bridge.log.contains("install and start the app Mosquitto broker") }, "\(bridge.log)")

  supervisor.text.change {
    $0 = #"""
      {"result": "ok", "data": {"host": "127.0.0.1", "port": \#(broker.port), "ssl": false, "protocol": "3.1.1",
      "username": "addons", "password": "\#(password)"}}
      """#
  }
  supervisor.status.change { $0 = "200 OK" }
  #expect(eventually { bridge.log.contains("grid: first telegram") }, "\(bridge.log)")
  #expect(eventually { bridge.log.contains("connected to broker 127.0.0.1:\(broker.port)") }, "\(bridge.log)")
  #expect(FileManager.default.fileExists(atPath: bridge.path("data/state")))
  #expect(eventually { bridge.log.contains("http: ") })
  // The tests of another checkout may have the port.
  if bridge.log.contains("http: listens on 0.0.0.0:8099") {
    let page = WebClient(port: 8099)
    #expect(try page.get("/").status == 403)
    #expect(try page.get("/api/meters", "X-Ingress-Path: /api/hassio_ingress/x\n").contains("only_ingress"))
  }
  daemon.end()
  #expect(daemon.exitStatus == 0)
  for secret in [token, password] { #expect(!bridge.log.contains(secret)) }
}

@Test("a mistake in the options is named, and ends the app")
func wrongOptions() throws {
  let bridge = try RunningBridge(try Broker(starts: false))
  try FileManager.default.createDirectory(atPath: bridge.path("data"), withIntermediateDirectories: false)
  try #"{"meters": [{"id": "grid", "protocol": "p1"}], "mqtt": {}}"#.write(
    toFile: bridge.path("data/options.json"), atomically: true, encoding: .utf8)
  let words = ["run", "--home-assistant-app", bridge.path("")]
  let status = try ChildProcess(RealProgram.path, words, log: bridge.path("log")).wait()
  #expect(status == 78 && bridge.log.hasPrefix("option meters, grid: the meter has no port"), "\(bridge.log)")
}

@Test("the user's own file takes the place of the options, and gets the broker of Home Assistant")
func ownFileOfTheApp() throws {
  let broker = try Broker()
  let bridge = try RunningBridge(broker)
  try bridge.simulate("p1-nl=p1")
  try FileManager.default.createDirectory(atPath: bridge.path("config"), withIntermediateDirectories: false)
  try """
  mqtt: {base_topic: home}
  http: {listen: "127.0.0.1:\(try freePort())"}
  meters: [{id: grid, protocol: p1, source: \(bridge.path("p1"))}]
  """.write(toFile: bridge.path("config/meterbridge.yaml"), atomically: true, encoding: .utf8)
  let supervisor = try Page(#"{"result": "ok", "data": {"host": "127.0.0.1", "port": \#(broker.port), "ssl": false}}"#)
  let daemon = try ChildProcess(
    RealProgram.path, ["run", "--home-assistant-app", bridge.path("")], log: bridge.path("log"),
    environment: ["SUPERVISOR_TOKEN": token, "SUPERVISOR_API": "http://127.0.0.1:\(supervisor.port)"])
  let listener = ["-h", "127.0.0.1", "-p", "\(broker.port)", "-t", "home/grid/energy_import", "-C", "1", "-W", "60"]
  #expect(eventually { broker.isListening })
  #expect(try ChildProcess("/usr/bin/mosquitto_sub", listener).wait() == 0, "\(bridge.log)")
  #expect(bridge.log.contains("config/meterbridge.yaml takes the place of the options"))
  daemon.end()
  #expect(daemon.exitStatus == 0)
}

private let parser = "/usr/sbin/apparmor_parser"

@Test("AppArmor's own parser takes the profile", .enabled(if: FileManager.default.isExecutableFile(atPath: parser)))
func profileOfTheApp() throws {
  let profile = repository.appending(path: "deploy/home-assistant/meterbridge/apparmor.txt").path
  #expect(try ChildProcess(parser, ["-Q", "-K", profile]).wait() == 0)
}
