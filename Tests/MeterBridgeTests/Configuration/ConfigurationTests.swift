import Decoders
import Foundation
import Testing
import TestSupport

@testable import Base
@testable import MeterBridge
@testable import Meters
@testable import MQTT
@testable import Publishing

@Test("the shortest configuration has the defaults")
func defaults() throws {
  let read = try configuration(rightMeter)
  var expected = Configuration()
  expected.meters = [
    MeterSettings(
      id: "grid", meterProtocol: .p1, source: .serial(path: "/dev/ttyUSB0"), sourceText: "/dev/ttyUSB0")
  ]
  #expect(read == expected)
}

/// Every setting, with another value than its default.
private let everySetting = """
  mqtt:
    host: "broker.lan"
    port: 8884
    username: !env MQTT_USER
    password: !file password
    client_id: meterbridge-01
    tls: {ca_file: ca.pem, cert_file: cert.pem, key_file: key.pem, insecure: true}
    keepalive: 1m
    base_topic: home/meters
    protocol_version: 3.1.1
    max_packet_size: 65536
    replay_after: 5s
  home_assistant:
    discovery: false
    prefix: ha
    birth_topic: ha/status
    node_id: cellar
    qos: 1
    compatibility: 2025.4
    repair: off
    url: https://ha.lan
    token: !file password
    ca_file: ca.pem
  state_directory: /var/lib/meters
  log_level: debug
  limits: {meters: 2}
  meters:
    - id: heat
      protocol: mbus
      source: /dev/ttyUSB1
      line: 300 7o2
      address: 83012345 2D2C 40 04
      interval: 90 s
      nke: never
      retries: 4
      pause: 250ms
      backoff: true
      readout: [all, instantaneous]
      name: Heizung Süd
      profile: multical303
      heartbeat: 1h
      min_interval: {power: 1500ms, default: 0}
      dead_band: {power: 5, flow_temperature: 0.5}
      rounding: {power: 10}
      max_power: 17.25 kW
      units: {energy: GJ, volume_flow: L/h}
      enable: [volume_flow, energy_s1, mbus_04_ff07]
      state: true
      utc_offset: -03:30
      factor: 0.50
    - {id: "2", protocol: p1, source: "tcp://[FE80::1%eth0]:23", interval: 10s, sub_meters: {gas: {name: Herd}}}
  """

@Test("every setting arrives")
func everySettingIsRead() throws {
  let folder = try TemporaryFolder()
  for name in ["ca.pem", "cert.pem", "key.pem"] { try folder.write("PEM", to: name) }
  try folder.write("s3cret\r\n", to: "password")
  let path = folder.path + "/m.yaml"
  try folder.write(everySetting, to: "m.yaml")
  let read = try Configuration.read(path: path, environment: ["MQTT_USER": "bridge"])

  #expect(read.mqtt.host == "broker.lan")
  #expect(read.mqtt.port == 8884)
  #expect(read.mqtt.username == "bridge")
  #expect(read.mqtt.password?.reveal == "s3cret")
  #expect(read.mqtt.clientID == "meterbridge-01")
  #expect(
    read.mqtt.tls
      == TLSSettings(
        authorityFile: folder.path + "/ca.pem", certificateFile: folder.path + "/cert.pem",
        keyFile: folder.path + "/key.pem",
        isInsecure: true))
  #expect(read.mqtt.keepAlive == .minutes(1))
  #expect(read.mqtt.baseTopic == "home/meters")
  #expect(read.mqtt.protocolVersion == .threeOneOne)
  #expect(read.mqtt.maximumPacketSize == 65536)
  #expect(read.mqtt.replayAfter == .seconds(5))
  var homeAssistant = HomeAssistantSettings()
  homeAssistant.discovery = []
  homeAssistant.prefix = "ha"
  homeAssistant.birthTopic = "ha/status"
  homeAssistant.nodeID = "cellar"
  homeAssistant.qos = 1
  homeAssistant.compatibility = .init(year: 2025, month: 4)
  homeAssistant.url = "https://ha.lan"
  homeAssistant.token = Secret("s3cret")
  homeAssistant.authorityFile = folder.path + "/ca.pem"
  #expect(read.homeAssistant == homeAssistant)
  #expect(read.stateDirectory == "/var/lib/meters")
  #expect(read.logLevel == .debug)
  #expect(read.meterLimit == 2)

  #expect(read.meters == metersWithEverySetting())
}

private func metersWithEverySetting() -> [MeterSettings] {
  var heat = MeterSettings(
    id: "heat", meterProtocol: .mbus, source: .serial(path: "/dev/ttyUSB1"), sourceText: "/dev/ttyUSB1")
  heat.name = "Heizung Süd"
  heat.line = LineSettings(baud: 300, dataBits: 7, parity: .odd, stopBits: 2)
  heat.address = .secondary([0x45, 0x23, 0x01, 0x83, 0x2D, 0x2C, 0x40, 0x04])
  heat.interval = .seconds(90)
  heat.polling.reset = .never
  heat.polling.retries = 4
  heat.polling.pause = 250
  heat.polling.backsOff = true
  heat.polling.dataSets = [.all, .telegrams(0x50)]
  heat.profile = Profile(name: "multical303")
  heat.heartbeat = .minutes(60)
  heat.minimumInterval = 0
  heat.policies = [
    .power: FieldPolicy(minimumInterval: Milliseconds(1500), deadBand: FixedDecimal(5)),
    .flowTemperature: FieldPolicy(deadBand: FixedDecimal(5, exponent: -1)),
  ]
  heat.rounding = [.power: FixedDecimal(10)]
  heat.maximumPower = FixedDecimal(1725, exponent: 1)
  heat.units = ["energy": .gigajoule, "volume_flow": .litrePerHour]
  heat.enabled = ["volume_flow", "energy_s1", "mbus_04_ff07"]
  heat.publishesState = true
  heat.utcOffset = -210
  heat.factor = FixedDecimal(50, exponent: -2)
  var other = MeterSettings(
    id: "2", meterProtocol: .p1, source: .tcp(host: "fe80::1%eth0", port: 23),
    sourceText: "tcp://[FE80::1%eth0]:23")
  other.interval = .seconds(10)
  other.subMeterNames = ["gas": "Herd"]
  return [heat, other]
}

@Test("discovery has four words, and `true` is the document of a device")
func discoveryForms() throws {
  let words: [(String, DiscoveryForms)] = [
    ("device", .device), ("classic", .classic), ("both", [.device, .classic]), ("false", []), ("true", .device),
  ]
  for (word, forms) in words {
    let read = try configuration("home_assistant: {discovery: \(word)}\n" + rightMeter)
    #expect(read.homeAssistant.discovery == forms)
  }
  #expect(try configuration(rightMeter).homeAssistant.discovery == .device)
}

@Test("a gateway that sets its serial port takes a line, and is a bus")
func gatewayWithLine() throws {
  let read = try configuration(
    """
    meters:
      - {id: a, protocol: mbus, source: "rfc2217://Gateway.lan:2217", address: 1, line: 9600 8N1}
      - {id: b, protocol: mbus, source: "rfc2217://gateway.lan:2217", address: 2}
    """)
  #expect(read.meters.allSatisfy { $0.source == .rfc2217(host: "gateway.lan", port: 2217) })
  #expect(read.meters.map(\.line?.baud) == [9600, 9600])
}

@Test("a gateway that takes datagrams is a bus of M-Bus meters")
func datagramGateway() throws {
  let read = try configuration(
    """
    meters:
      - {id: a, protocol: mbus, source: "udp://Gateway.lan:10001", address: 1}
      - {id: b, protocol: mbus, source: "udp://gateway.lan:10001", address: 2, profile: pro380, readout: b4}
    """)
  #expect(read.meters.allSatisfy { $0.source == .udp(host: "gateway.lan", port: 10001) && $0.isPolled })
  #expect(read.meters[1].polling.dataSets == [.maker(0xB4)])
  #expect(
    mistakes("meters: [{id: a, protocol: p1, source: 'udp://gateway:1'}]") == [
      "m.yaml:1:40: udp:// is for M-Bus meters, which are polled; this one speaks p1; gateways send to udp-listen://"
    ])
}

@Test("how a meter is polled is checked")
func pollingMistakes() {
  func told(_ setting: String) -> [String] {
    mistakes("meters: [{id: a, protocol: mbus, source: /dev/ttyUSB0, \(setting)}]").map {
      String($0.split(separator: ":", maxSplits: 3)[3].dropFirst())
    }
  }
  #expect(told("readout: b1") == ["`b1` is a set of data of `profile: pro380`: set this too"])
  #expect(told("readout: b1, profile: pro380") == [])
  #expect(told("readout: [instant]").first?.hasSuffix("did you mean `instantaneous`?") == true)
  #expect(told("nke: sometimes").first?.contains("is not one of auto, always, never") == true)
  #expect(told("retries: 10").first?.contains("a whole number from 0 to 9") == true)
  #expect(told("readout_baud: 9600") == [])
  #expect(told("readout_baud: 19201").first?.contains("is not one of 300, 600") == true)
  #expect(told("readout_baud: 2400") == ["2400 baud is the speed of the line already"])
  #expect(told("line: 9600 8E1, readout_baud: 2400") == [])
  #expect(told("line: 115200 8E1, readout_baud: 2400") == ["no meter can be ordered back to the 115200 baud of `line`"])
  for source in ["tcp://gateway:1", "udp://gateway:1"] {
    let fixed = mistakes("meters: [{id: a, protocol: mbus, source: '\(source)', readout_baud: 9600}]")
    let reason = "the speed of this source is set in the gateway: use a serial port or rfc2217://"
    #expect(fixed.first?.hasSuffix(reason) == true)
  }
  let strange = mistakes("meters: [{id: a, protocol: p1, source: /dev/ttyUSB0, backoff: true}]")
  #expect(strange.first?.hasSuffix("`backoff` is for M-Bus meters; this one speaks p1") == true)
}

@Test("meters that share a bus share its line")
func sharedLine() throws {
  let read = try configuration(
    """
    meters:
      - {id: a, protocol: mbus, source: /dev/ttyUSB0, address: 1}
      - {id: b, protocol: mbus, source: /dev/ttyUSB0, address: 83012345, line: 9600 8E1}
      - {id: c, protocol: mbus, source: /dev/ttyUSB1}
      - {id: d, protocol: p1, source: "-"}
      - {id: e, protocol: p1, source: file:telegrams.txt}
      - {id: f, protocol: p1, source: file:///var/telegrams.txt}
    """)
  let line = LineSettings(baud: 9600, dataBits: 8, parity: .even, stopBits: 1)
  #expect(read.meters.map(\.line) == [line, line, nil, nil, nil, nil])
  #expect(
    read.meters.map(\.address) == [
      .primary(1), .secondary([0x45, 0x23, 0x01, 0x83, 0xFF, 0xFF, 0xFF, 0xFF]), .primary(254), nil, nil, nil,
    ])
  #expect(
    read.meters.suffix(3).map(\.source)
      == [.standardInput, .file(path: "telegrams.txt"), .file(path: "/var/telegrams.txt")])
}

@Test(
  "a page is fetched as written and shown without its secrets",
  arguments: [
    ["http://P1.lan/api/v1/telegram", "http://p1.lan/api/v1/telegram", "http://p1.lan/api/v1/telegram"],
    ["HTTPS://u:p%40@host:8443", "https://u:p%40@host:8443/", "https://host:8443/"],
    ["http://[::1]:80/x?key=hunter2", "http://[::1]:80/x?key=hunter2", "http://[::1]:80/x?…"],
    ["http://a.lan?t=a@b/c", "http://a.lan/?t=a@b/c", "http://a.lan/?…"],
  ])
func pages(page: [String]) throws {
  let read = try configuration("meters: [{id: grid, protocol: p1, source: '\(page[0])'}]\n")
  guard case .http(let found) = read.meters.first?.source else { throw Failure(what: "no page") }
  #expect(found.url.reveal == page[1])
  #expect(read.meters.first?.sourceText == page[2])
  #expect(!"\(read)".contains("hunter2") && !String(reflecting: read).contains("p%40"))
}

@Test("an empty group has the defaults")
func emptyGroups() throws {
  let read = try configuration("mqtt:\n  # nothing\nhome_assistant: ~\nlimits: {}\n" + rightMeter)
  #expect(read.mqtt == MQTTSettings())
  #expect(try configuration("mqtt: {tls: }\n" + rightMeter).mqtt.tls == TLSSettings())
}

@Test("the example is valid")
func example() throws {
  let example = repository.appending(path: "deploy/meterbridge.example.yaml").path
  let read = try Configuration.read(path: example, environment: [:])
  #expect(read.meters.map(\.id) == ["grid", "heat", "flat_2", "workshop"])
}

/// The lines of the example that are commented out are right too.
@Test("the example is valid with everything switched on")
func fullExample() throws {
  let folder = try TemporaryFolder()
  let example = repository.appending(path: "deploy/meterbridge.example.yaml")
  var lines = try String(contentsOf: example, encoding: .utf8).split(separator: "\n").map(String.init)
  lines = lines.map { line in
    guard let start = line.firstRange(of: "# ") else { return line }
    let word = line[start.upperBound...].drop { $0 == " " }.prefix { $0.isLetter || $0 == "_" }
    let known = Configuration.groups.flatMap { $0.rows.map(\.key) }
    let isSetting = known.contains(String(word)) && line[start.upperBound...].contains("\(word):")
    return isSetting && line[..<start.lowerBound].allSatisfy { $0 == " " }
      ? line.replacingCharacters(in: start, with: "") : line
  }
  let text = lines.joined(separator: "\n").replacing("/etc/meterbridge/", with: folder.path + "/")
  #expect(text.contains("\n  password: !file"))
  try FileManager.default.createDirectory(atPath: folder.path("secrets"), withIntermediateDirectories: false)
  let files = ["ca.pem", "meterbridge.pem", "meterbridge.key", "secrets/mqtt-password"]
  for name in files { try folder.write("x", to: name) }
  try folder.write(text, to: "m.yaml")
  let read = try Configuration.read(path: folder.path + "/m.yaml", environment: [:])
  #expect(read.mqtt.tls?.certificateFile == folder.path + "/meterbridge.pem")
  #expect(read.meters.first?.minimumInterval == 0)
}

@Test("a missing file ends the program with NOINPUT")
func missingFile() {
  #expect {
    try Configuration.read(path: "/nowhere/m.yaml", environment: [:])
  } throws: { error in
    guard case ConfigurationError.unreadable("/nowhere/m.yaml", let reason) = error else { return false }
    return reason.hasPrefix("No such file or directory; `--config FILE` names another file, and deploy/")
  }
  #expect(ConfigurationError.unreadable(path: "x", reason: "y").exitStatus == 66)
  #expect(ConfigurationError.unreadable(path: "x", reason: "y").lines == ["x: y"])
  #expect(ConfigurationError.wrong(path: "x", []).exitStatus == 78)
}

@Test("a list of brokers takes ports of its own, and the port of the section") func brokers() throws {
  let mqtt = try configuration(
    "mqtt: {port: 1885, hosts: [a, 'b:1884', 'FE80::1%eth0', '[::1]:1883']}\n" + rightMeter
  ).mqtt
  #expect(mqtt.brokers.map(\.description) == ["a:1885", "b:1884", "[FE80::1%eth0]:1885", "[::1]:1883"])
  #expect(!mqtt.isOnThisMachine)
  #expect(MQTTSettings().brokers.map(\.description) == ["localhost:1883"])
}

@Test("a secret has no description")
func secretDescription() throws {
  let read = try configuration("mqtt: {username: u, password: hunter2}\n" + rightMeter)
  #expect(!"\(read)".contains("hunter2"))
  var dumped = ""
  dump(read, to: &dumped)
  #expect(!dumped.contains("hunter2"))
}

@Test("the assignments of decode use the same table")
func assignments() {
  var settings = MeterSettings(id: "decode", meterProtocol: .mbus, source: .standardInput, sourceText: "-")
  #expect(
    settings.apply(["utc_offset=+02:00", "profile=pro380", "units.energy=GJ", "units.volume=L", "factor=40"]) == [])
  #expect(settings.utcOffset == 120)
  #expect(settings.profile == Profile(name: "pro380"))
  #expect(settings.units == ["energy": .gigajoule, "volume": .litre])
  #expect(settings.factor == FixedDecimal(40))
  #expect(
    settings.apply(["utc_ofset=1", "factor", "factor=0", "units.enery=GJ", "units=GJ", "id.x=1", "=1"]) == [
      "--set utc_ofset: unknown key `utc_ofset`; did you mean `utc_offset`?",
      "--set `factor`: write NAME=VALUE",
      "--set factor: `0` is not a valid factor: it would make everything 0",
      "--set units.enery: `enery` is not the name of a field with a unit; did you mean `energy`?",
      "--set units: `units` is a group of settings, one to a line: a field's name and its unit, such as `energy: GJ`",
      "--set id.x: `id` is one value, not a list or a group",
      "--set `=1`: write NAME=VALUE",
    ])
  #expect(settings.factor == FixedDecimal(40))
}
