import Testing
import TestSupport

@testable import Base
@testable import HTTP
@testable import MQTT
@testable import MeterBridge
@testable import Meters
@testable import Publishing

private let answer = #"""
  {"result": "ok", "data": {"addon": "core_mosquitto", "host": "core-mosquitto", "port": 1883, "ssl": false,
  "protocol": "3.1.1", "username": "addons", "password": "wai7ooGh \"#{}"}}
  """#
private let broker = AppBroker(Array(answer.utf8))

/// Reads options, or a configuration of the user's own.
private func read(
  _ text: String, isOptions: Bool = true, _ broker: AppBroker? = broker
) throws(ConfigurationError) -> AppConfiguration {
  let path = isOptions ? "/data/options.json" : "/config/meterbridge.yaml"
  return try AppConfiguration(
    .init(bytes: Array(text.utf8), path: path, isOptions: isOptions), broker: broker, state: "/data/state",
    environment: [:])
}

private func said(_ text: String, isOptions: Bool = true) -> [String] {
  do throws(ConfigurationError) {
    _ = try read(text, isOptions: isOptions)
    return []
  } catch {
    return error.lines
  }
}

private let options = #"""
  {"meters": [
    {"id": "grid", "name": "Home", "protocol": "p1", "device": "/dev/serial/by-id/usb-FTDI_P1-if00-port0"},
    {"id": "heat", "protocol": "mbus", "source": "tcp://192.168.1.20:10001", "address": "45", "interval": "15m",
     "name": "", "key": null},
    {"id": "netz", "protocol": "dlms", "device": "/dev/ttyUSB1", "key": "00112233445566778899AABBCCDDEEFF"}],
   "mqtt": {}, "discovery": "both", "log_level": "info"}
  """#

@Test("the options become a configuration, with the broker of Home Assistant")
func optionsBecomeAConfiguration() throws {
  let read = try read(options)
  let configuration = read.configuration
  #expect(read.needsBroker)
  #expect(configuration.meters.map(\.id) == ["grid", "heat", "netz"])
  #expect(configuration.meters.map(\.name) == ["Home", nil, nil])
  #expect(configuration.meters[0].source == .serial(path: "/dev/serial/by-id/usb-FTDI_P1-if00-port0"))
  #expect(configuration.meters[1].address == .primary(45))
  #expect(configuration.meters[1].interval == .minutes(15))
  #expect(configuration.mqtt.host == "core-mosquitto" && configuration.mqtt.brokerPort == 1883)
  #expect(configuration.mqtt.username == "addons" && configuration.mqtt.password == Secret("wai7ooGh \"#{}"))
  #expect(configuration.mqtt.tls == nil)
  #expect(configuration.homeAssistant.discovery == [.device, .classic])
  #expect(configuration.logLevel == .info)
  #expect(configuration.stateDirectory == "/data/state")
  #expect(configuration.http?.listen.description == "0.0.0.0:8099" && configuration.http?.isOnlyForIngress == true)
  // The password goes to another app on the same machine.
  #expect(configuration.warnings == [])
}

@Test("a broker of the user's own is not asked for")
func ownBroker() throws {
  let text = #"{"meters": [], "mqtt": {"host": "192.168.1.5", "port": 1884, "username": "u", "password": "p"}}"#
  let read = try read(text.replacing("[]", with: #"[{"id": "a", "protocol": "p1", "device": "/dev/ttyUSB0"}]"#))
  #expect(!read.needsBroker)
  #expect(read.configuration.mqtt.host == "192.168.1.5" && read.configuration.mqtt.brokerPort == 1884)
  #expect(
    read.configuration.warnings == [
      "option mqtt, password: the password goes to 192.168.1.5 unencrypted, for everyone on the way to read; "
        + "`tls` protects it"
    ])
}

@Test("a file of the user's own keeps what it says, and gets the rest")
func ownFile() throws {
  let meter = "meters: [{id: grid, protocol: p1, source: /dev/ttyUSB0}]\n"
  let plain = try read(meter, isOptions: false).configuration
  #expect(plain.mqtt.host == "core-mosquitto" && plain.stateDirectory == "/data/state" && plain.http != nil)
  #expect(plain.allowsReadableSecrets)

  let half = try read(meter + "mqtt: {base_topic: home, client_id: mine}\n", isOptions: false)
  #expect(half.needsBroker)
  #expect(half.configuration.mqtt.baseTopic == "home" && half.configuration.mqtt.host == "core-mosquitto")

  let user = try read(meter + "mqtt: {username: u, password: p}\n", isOptions: false).configuration
  #expect(user.mqtt.host == "core-mosquitto" && user.mqtt.username == "u" && user.mqtt.password == Secret("p"))

  let own = "mqtt: {host: 10.0.0.2}\nhttp: {}\nstate_directory: /config/state\n"
  let whole = try read(meter + own, isOptions: false)
  #expect(!whole.needsBroker)
  #expect(whole.configuration.mqtt.host == "10.0.0.2" && whole.configuration.mqtt.username == nil)
  #expect(whole.configuration.http == HTTPSettings())
  #expect(whole.configuration.stateDirectory == "/config/state")
}

/// Options with a mistake, and what is said.
private struct Mistake: Sendable, CustomTestStringConvertible {
  var options: String
  var lines: [String]
  var testDescription: String { options }
}

private func meter(_ fields: String) -> String { #"{"meters": [{"id": "grid", "protocol": "p1", \#(fields)}]}"# }

@Test(
  "a mistake names its option",
  arguments: [
    Mistake(
      options: #"{"meters": [{"id": "grid", "protocol": "p1"}]}"#,
      lines: ["option meters, grid: the meter has no port: choose its device, or write the address of its gateway in "]),
    Mistake(
      options: meter(#""device": "/dev/ttyUSB0", "source": "tcp://10.0.0.1:1""#),
      lines: ["option meters, grid, device: a meter has a device or a source: empty one of the two"]),
    Mistake(
      options: meter(#""device": "/dev/ttyUSB0", "interval": "900""#),
      lines: ["option meters, grid, interval: `900` has no unit: `900s` are seconds, `900m` minutes"]),
    Mistake(
      options: meter(#""device": "/dev/ttyUSB0""#).replacing(#"]}"#, with: #"], "mqtt": {"username": "u"}}"#),
      lines: [
        "option mqtt: host is empty: write the address of your broker there, or empty all of mqtt for the broker of "
          + "Home Assistant"
      ]),
    Mistake(
      options: #"""
        {"meters": [{"id": "a", "protocol": "p1", "device": "/dev/ttyUSB0"},
          {"id": "a", "protocol": "p1", "device": "/dev/ttyUSB1"}]}
        """#,
      lines: ["option meters, a, id: `a` is the id of the meter in option meters, a, id already"]),
    Mistake(
      options: "[]", lines: ["/data/options.json:1:1: the top of the file is a group of settings, one to a line: "]),
  ])
private func mistakesOfOptions(_ testCase: Mistake) {
  let lines = said(testCase.options)
  #expect(lines.count == testCase.lines.count, "\(lines)")
  for (line, expected) in zip(lines, testCase.lines) { #expect(line.hasPrefix(expected), "\(line)") }
}

@Test("an app without meters says so")
func noMeters() {
  #expect(said(#"{"meters": [], "mqtt": {}}"#) == ["option meters: `meters` is empty: name at least one meter"])
}

@Test("a mistake in the user's own file has its line")
func mistakeOfAFile() {
  let lines = said("meters:\n  - {id: grid, protocol: p1, source: /dev/ttyUSB0, hots: x}\n", isOptions: false)
  #expect(lines.count == 1 && lines[0].hasPrefix("/config/meterbridge.yaml:2:"), "\(lines)")
}

@Test(
  "an answer without a broker is not one",
  arguments: [
    "", "[]", "{}", #"{"result": "error", "message": "Service not enabled"}"#, #"{"result": "ok", "data": {}}"#,
    #"{"result": "ok", "data": {"host": "", "port": 1883}}"#, #"{"result": "ok", "data": {"host": "a"}}"#, "{\"a\u{0}",
  ])
func answersWithoutABroker(_ text: String) { #expect(AppBroker(Array(text.utf8)) == nil) }

@Test("a broker with TLS, or one that lets everyone in")
func otherBrokers() throws {
  let open = #"{"result":"ok","data":{"app":"x","host":"h","port":8883,"ssl":true,"username":"","password":""}}"#
  let known = try #require(AppBroker(Array(open.utf8)))
  #expect(known == AppBroker(Array(open.replacing(#","username":"","password":"""#, with: "").utf8)))
  let configuration = try read(options, known).configuration
  #expect(configuration.mqtt.tls != nil && configuration.mqtt.username == nil && configuration.mqtt.password == nil)
  #expect(configuration.mqtt.brokerPort == 8883)
}
