import Foundation
import Glibc
import Testing
import TestSupport

@testable import Platform

/// Runs the real program, with answers on its standard input; what it prints goes to one file.
private func run(_ words: [String], answers: String = "", in bridge: RunningBridge) throws -> (
  status: Int32, text: String
) {
  let output = bridge.path("output-\(UUID().uuidString)")
  try answers.write(toFile: bridge.path("answers"), atomically: true, encoding: .utf8)
  let command = "cd \(bridge.path("")) && exec \"$0\" \"$@\" <answers >\(output) 2>&1"
  let status = try ChildProcess("/bin/sh", ["-c", command, RealProgram.path] + words).wait()
  return (status, try String(contentsOfFile: output, encoding: .utf8))
}

/// `check --connect` with the configuration of a bridge.
private func check(_ bridge: RunningBridge, seconds: Int = 8) throws -> (status: Int32, text: String) {
  try run(["check", "--connect", "--for", "\(seconds)", "--config", bridge.path("meterbridge.yaml")], in: bridge)
}

/// The line of the table that begins with a word.
private func row(_ text: String, _ word: String) -> String {
  text.split(separator: "\n").last { $0.hasPrefix("\(word) ") }.map(String.init) ?? text
}

@Test("check --connect names every meter, and succeeds only if all is well")
func connectCheck() throws {
  let broker = try Broker()
  let bridge = try RunningBridge(broker)
  try bridge.simulate("p1-nl=p1", "mbus-multical303=bus", "dlms-kaifa=kaifa")
  let p1 = "  - {id: grid, protocol: p1, source: $/p1}\n"
  try bridge.configure(
    p1 + "  - {id: heat, protocol: mbus, source: $/bus}\n  - {id: netz, protocol: dlms, source: $/kaifa}")
  #expect(eventually { broker.isListening })
  let all = try check(bridge)
  #expect(all.status == 0, "\(all.text)")
  #expect(row(all.text, "broker").contains("ok"))
  #expect(row(all.text, "grid").contains("ok      p1: ISK ") || row(all.text, "grid").contains("ok  p1: ISK "))
  #expect(row(all.text, "grid_gas").contains("behind grid"))
  #expect(row(all.text, "heat").contains("KAM MULTICAL 303, number 83012345"))
  #expect(row(all.text, "netz").contains("values"))

  // The daemon reads them now: it is said, and nothing happens to it.
  try bridge.run()
  #expect(eventually { bridge.log.contains("/bus: open") }, "\(bridge.log)")
  let beside = try check(bridge)
  #expect(beside.status == 69)
  #expect(row(beside.text, "grid").contains("a running daemon reads it"), "\(beside.text)")
  #expect(row(beside.text, "broker").contains("ok"))
  bridge.end()
  #expect(!bridge.log.contains("another"), "\(bridge.log)")
}

@Test("check --connect says what is wrong with each source")
func failingSources() throws {
  let bridge = try RunningBridge(try Broker())
  try bridge.simulate("p1-nl=p1", "dlms-kaifa-encrypted=kaifa", "mbus-water,address=0=two", "mbus-gas,address=0=two")
  let noise = try ScriptedMeter(in: bridge)
  try bridge.configure(
    """
      - {id: wrong, protocol: dlms, source: $/p1}
      - {id: other, protocol: p1, source: $/kaifa}
      - {id: several, protocol: mbus, source: $/two}
      - {id: gone, protocol: p1, source: $/nowhere}
      - {id: silent, protocol: p1, source: $/port}
      - {id: gateway, protocol: mbus, source: "tcp://127.0.0.1:\(try freePort())"}
    """)
  let result = try check(bridge, seconds: 12)
  #expect(result.status == 69)
  for (id, words) in [
    ("wrong", "these bytes are P1: protocol: p1"), ("other", "these bytes are DLMS: protocol: dlms"),
    ("several", "several meters"),
    ("gone", "is not there"), ("silent", "nothing came in"), ("gateway", "refuses the connection"),
  ] { #expect(row(result.text, id).contains(words), "\(result.text)") }
  _ = noise
}

@Test("a port that another program reads is left to it, and the program is named")
func takenPort() throws {
  let bridge = try RunningBridge(try Broker())
  try bridge.simulate("p1-nl=p1")
  try bridge.configure("  - {id: grid, protocol: p1, source: $/p1}")
  let port = unsafe open(bridge.path("p1"), O_RDWR | O_NOCTTY | O_CLOEXEC)
  defer { close(port) }
  try #require(flock(port, LOCK_EX | LOCK_NB) == 0)
  let result = try check(bridge)
  #expect(result.status == 69)
  #expect(row(result.text, "grid").contains("(process \(getpid()))"), "\(result.text)")
  let ports = try run(["ports", "--config", bridge.path("meterbridge.yaml")], in: bridge)
  #expect(ports.status == 0)
  #expect(ports.text.contains("grid, ") && ports.text.contains("(process \(getpid()))"), "\(ports.text)")
}

@Test("topics that the broker refuses are named, with both versions of MQTT", arguments: ["5", "3.1.1"])
func refusedTopics(version: String) throws {
  let broker = try Broker(accessList: "topic readwrite meterbridge/grid/#\ntopic read #\n")
  let bridge = try RunningBridge(broker)
  try bridge.simulate("p1-nl=p1")
  try bridge.configure("  - {id: grid, protocol: p1, source: $/p1}", mqtt: "protocol_version: \(version)")
  #expect(eventually { broker.isListening })
  let result = try check(bridge)
  #expect(result.status == 69)
  #expect(row(result.text, "grid").contains("ok"), "\(result.text)")
  #expect(result.text.contains("meterbridge/bridge/read"))
  #expect(result.text.contains("homeassistant/device/meterbridge-check/config") == (version == "5"))
  #expect(!result.text.contains("meterbridge/grid/check"))
}

@Test("the access list in deploy passes, and a wrong password is said")
func deployedListPasses() throws {
  let list = try String(contentsOf: repository.appending(path: "deploy/mosquitto/meterbridge.acl"), encoding: .utf8)
  let broker = try Broker(
    "allow_anonymous false\npassword_file $FOLDER/passwords", accessList: list, starts: false)
  try broker.setPassword(user: "meterbridge", password: "one")
  try broker.start()
  #expect(eventually { broker.isListening })
  let bridge = try RunningBridge(broker)
  try bridge.simulate("mbus-multical303=bus")
  let meter = "  - {id: heat, protocol: mbus, source: $/bus}"
  try bridge.configure(meter, mqtt: "username: meterbridge, password: one")
  let right = try check(bridge)
  #expect(right.status == 0, "\(right.text)")
  try bridge.configure(meter, mqtt: "username: meterbridge, password: two")
  let wrong = try check(bridge)
  #expect(wrong.status == 69)
  #expect(row(wrong.text, "broker").contains("FAILED"), "\(wrong.text)")
  #expect(row(wrong.text, "heat").contains("ok"))
}

@Test("init writes a configuration that works, from what it hears and is told, and never overwrites")
func firstConfiguration() throws {
  let broker = try Broker(
    "allow_anonymous false\npassword_file $FOLDER/passwords", accessList: "user m\ntopic readwrite #\n", starts: false)
  try broker.setPassword(user: "m", password: "s3cret")
  try broker.start()
  let bridge = try RunningBridge(broker)
  try bridge.simulate("p1-nl=p1", "mbus-multical303=bus", "dlms-kaifa-encrypted=kaifa", speed: 1)
  let sources = ["p1", "bus", "kaifa"].flatMap { ["--source", bridge.path($0)] }
  let key = "53494D554C415445444D455445524B59"
  let answers = "power\ny\n\n\(key)\nnetz\n127.0.0.1\n\(broker.port)\nm\ns3cret\n"
  let result = try run(["init", "first.yaml", "--for", "7"] + sources, answers: answers, in: bridge)
  #expect(result.status == 0, "\(result.text)")
  #expect(!result.text.contains("s3cret") && !result.text.contains(key))
  let text = try String(contentsOfFile: bridge.path("first.yaml"), encoding: .utf8)
  #expect(!text.contains("s3cret") && !text.contains(key))
  for words in ["id: power", "id: heat", "id: netz", "!file secrets/mqtt-password", "!file secrets/netz-key"] {
    #expect(text.contains(words), "\(text)")
  }
  for name in ["mqtt-password", "netz-key"] {
    let attributes = try FileManager.default.attributesOfItem(atPath: bridge.path("secrets/\(name)"))
    #expect(attributes[.posixPermissions] as? Int == 0o600)
  }
  let tried = try run(["check", "--connect", "--config", bridge.path("first.yaml")], in: bridge)
  #expect(tried.status == 0, "\(tried.text)")
  #expect(row(tried.text, "netz").contains("values"))

  let again = try run(["init", "first.yaml"] + sources, in: bridge)
  #expect(again.status == 74 && again.text.contains("is there already"))
  #expect(try String(contentsOfFile: bridge.path("first.yaml"), encoding: .utf8) == text)
}

@Test("init without a question takes the defaults, and writes nothing without a meter")
func firstConfigurationByDefault() throws {
  let bridge = try RunningBridge(try Broker(starts: false))
  try bridge.simulate("p1-nl=p1", "mbus-multical303=bus", speed: 1)
  let found = try run(
    ["init", "a.yaml", "--yes", "--for", "5", "--source", bridge.path("p1"), "--source", bridge.path("bus")], in: bridge
  )
  #expect(found.status == 0, "\(found.text)")
  let text = try String(contentsOfFile: bridge.path("a.yaml"), encoding: .utf8)
  #expect(text.contains("host: localhost") && text.contains("id: grid") && !text.contains("mbus"))
  let silent = try run(["init", "b.yaml", "--yes", "--for", "1", "--source", bridge.path("bus")], in: bridge)
  #expect(silent.status == 69 && silent.text.contains("nothing is written"), "\(silent.text)")
  #expect(!FileManager.default.fileExists(atPath: bridge.path("b.yaml")))
  // A password has no default.
  let words = ["init", "c.yaml", "--for", "5", "--source", bridge.path("p1")]
  let ended = try run(words, answers: "\n\n\nuser\n", in: bridge)
  #expect(ended.status == 64 && ended.text.contains("Password"), "\(ended.text)")
  #expect(!FileManager.default.fileExists(atPath: bridge.path("c.yaml")))
}
