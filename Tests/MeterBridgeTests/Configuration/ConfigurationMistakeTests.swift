import Foundation
import Testing
import TestSupport

@testable import Base
@testable import MeterBridge
@testable import Platform

@Test("ten mistakes in one file are all named")
func tenMistakes() {
  let text = """
    mqtt:
      hots: broker.lan
      port: 99999
      keepalive: 30
      tls:
        insecure: yes
    meters:
      - id: Grid-1
        protocol: p2
        source: ttyUSB0
      - id: heat
        protocol: mbus
        source: tcp://gateway:10001
        address: 253
        interval: 100ms
        units: {energy: gj}
      - name: Wäße  # ä and ß are one column each
        profil: x
    """
  #expect(
    mistakes(text) == [
      "m.yaml:2:3: unknown key `hots`; did you mean `host`?",
      "m.yaml:3:9: `99999` is not a port number: 1 to 65535",
      "m.yaml:4:14: `30` has no unit: `30s` are seconds, `30m` minutes",
      "m.yaml:6:15: `yes` is neither true nor false; did you mean `true`?",
      "m.yaml:8:9: `Grid-1` is not an id: only a–z, 0–9 and _; did you mean `grid_1`?",
      "m.yaml:9:15: `p2` is not one of mbus, p1, dlms, sml, d0, echonet, wmbus; did you mean `p1`?",
      "m.yaml:10:13: `ttyUSB0` is not a source: a device such as /dev/serial/by-id/…, tcp://HOST:PORT, "
        + "rfc2217://HOST:PORT, udp://HOST:PORT, tcp-listen://:PORT, udp-listen://:PORT, "
        + "http://HOST/PATH, mqtt:TOPIC, file:PATH, or - for standard input; did you mean `/dev/ttyUSB0`?",
      "m.yaml:14:14: `253` is not a meter's own address: it means the one selected; give its 8 or 16 digits instead",
      "m.yaml:15:15: an M-Bus meter is asked once a second at most: at least 1s",
      "m.yaml:16:21: `gj` is not a unit of energy: J, kJ, MJ, GJ, Wh, kWh, MWh, cal, kcal, Mcal; did you mean `GJ`?",
      "m.yaml:17:5: `id` is missing: `a`–`z`, `0`–`9` and `_`, not `bridge`",
      "m.yaml:17:5: `protocol` is missing: `mbus`, `p1`, `dlms`, `sml`, `d0`, `echonet`, `wmbus`",
      "m.yaml:17:5: `source` is missing: a device such as `/dev/serial/by-id/…`, `tcp://HOST:PORT`, "
        + "`rfc2217://HOST:PORT`, `udp://HOST:PORT`, `tcp-listen://:PORT`, `udp-listen://:PORT`, `http://HOST/PATH`, `mqtt:TOPIC`, `file:PATH`, or `-` for standard input",
      "m.yaml:18:5: unknown key `profil`; did you mean `profile`?",
    ])
}

/// What is wrong with the text as YAML is the only thing said of it.
private let syntax: [WrongConfiguration] = [
  WrongConfiguration("mqtt:\n\thost: a\n", "2:1: a tab cannot indent; use blanks"),
  WrongConfiguration("mqtt:\n  host: a\n\tport: 1\n", "3:1: a tab cannot indent; use blanks"),
  WrongConfiguration(
    "mqtt:\n  host: a\n   port: 3\n",
    "3:8: this colon does not fit: the line is indented wrongly, or the text needs quotes"),
  WrongConfiguration(
    "mqtt:\n  host: a\n port: 3\n",
    "3:2: this does not fit with what stands above: look at the indentation, quotes and brackets"),
  WrongConfiguration("ä: \"abc\nb: 3\n", "1:4: the quote that opens here is never closed"),
  WrongConfiguration("ä: 'abc\nb: 3\n---\n", "1:4: the quote that opens here is never closed"),
  WrongConfiguration("a: [1,2\nb: 3\n", "1:4: the [ that opens here is not closed, or a comma is missing"),
  WrongConfiguration("a: {b: 1\nc: 3\n", "1:4: the { that opens here is not closed, or a comma is missing"),
  WrongConfiguration("a: 1\nhost:b\nc: 1\n", "2:1: a blank is missing after `host:`"),
  WrongConfiguration("mqtt: {password: @x}\n", "1:18: a text that begins with @, % or ` needs quotes"),
  WrongConfiguration("a: * \n", "1:5: a text that begins with & or * needs quotes"),
  WrongConfiguration("a: \"\\q\"\n", "1:5: inside double quotes \\ begins an escape; use single quotes"),
  WrongConfiguration("a: !b!c 1\n", "1:4: this tag is not known; `!env NAME` and `!file PATH` are"),
  WrongConfiguration("a: | x\n", "1:6: only a comment may stand behind | and >"),
  WrongConfiguration("a: - b\n", "1:4: a list begins on a line of its own"),
  WrongConfiguration("a: ]\n", "1:4: a value is missing before this"),
  WrongConfiguration(
    "meters:\n  - id: a\n  id: b\n", "3:3: an entry of the list above begins with `- `; look at the indentation"),
  WrongConfiguration("%YAML 2.0\n---\na: 1\n", "1:1: not YAML: found incompatible YAML document"),
  WrongConfiguration("mqtt:\n  host: \u{1}\n", "2:9: the control character U+0001 cannot stand here"),
  WrongConfiguration("a: 1\nä: \u{FEFF}\n", "2:4: an invisible character, U+FEFF, stands here; delete it"),
  WrongConfiguration("a: \u{2028}\n", "1:4: an invisible character, U+2028, stands here; delete it"),
  WrongConfiguration("a: \u{85}\n", "1:4: an invisible character, U+0085, stands here; delete it"),
  WrongConfiguration(
    "meters: " + String(repeating: "[", count: 500_000), "1:72: lists and maps are nested deeper than 64 here"),
]

@Test("a syntax error ends the reading", arguments: syntax)
private func syntaxErrors(mistake: WrongConfiguration) {
  #expect(mistakes(mistake.text) == mistake.lines)
}

@Test("another encoding is named")
func encodings() {
  func lines(_ bytes: [UInt8]) -> [String] {
    do throws(ConfigurationError) {
      _ = try Configuration.parse(bytes, path: "m", environment: [:])
      return []
    } catch {
      return error.lines
    }
  }
  #expect(lines([0xFF, 0xFE, 0x61, 0]) == ["m:1:1: this is UTF-16; save the file as UTF-8"])
  #expect(lines(Array("a: 1\nb: ".utf8) + [0xFC]) == ["m:2:4: this is not UTF-8; save the file as UTF-8"])
  #expect(lines([0xEF, 0xBB, 0xBF] + Array(rightMeter.utf8)) == [])
  #expect(lines([0xEF, 0xBB, 0xBF] + Array("mqqt: 1".utf8)).first?.hasPrefix("m:1:1: unknown key `mqqt`") == true)
}

private let structure: [WrongConfiguration] = [
  WrongConfiguration("# nothing\n", "1:1: `meters` is missing: a list of meters"),
  WrongConfiguration("mqtt:\n", "1:1: `meters` is missing: a list of meters"),
  WrongConfiguration("meters: []\n", "1:9: `meters` is empty: name at least one meter"),
  WrongConfiguration("meters:\n", "1:8: `meters` is a list: write `- ` before the first key of each meter"),
  WrongConfiguration("meters:\n  id: a\n", "2:3: `meters` is a list: write `- ` before the first key of each meter"),
  WrongConfiguration(
    "- a\n",
    "1:1: the top of the file is a group of settings, one to a line: mqtt, home_assistant, meters, defaults, include, http, udp, "
      + "state_directory, allow_readable_secrets, log_level, limits"),
  WrongConfiguration(
    "mqtt: localhost\n" + rightMeter, "1:7: `mqtt` is a group of settings, one to a line: \(mqttKeys)"),
  WrongConfiguration(
    "mqtt: [localhost]\n" + rightMeter, "1:7: `mqtt` is a group of settings, one to a line: \(mqttKeys)"),
  .mqtt("tls: true", "13: `tls` is a group of settings: write `{}` instead of `true` for its defaults"),
  .mqtt("tls: no", "13: leave `tls` out for a connection without TLS"),
  .mqtt("tls: x", "13: `tls` is a group of settings, one to a line: ca_file, cert_file, key_file, insecure"),
  .mqtt("host: [a]", "14: `host` is one value, not a list or a group"),
  .mqtt("host: {a: b}", "14: `host` is one value, not a list or a group"),
  .mqtt("host: ", "14: `host` has no value; leave the line out for the default"),
  .mqtt("host: ~", "14: `host` has no value; leave the line out for the default"),
  .mqtt("host: a, port: 1, host: b", "26: `host` stands here a second time; the first is in line 1"),
  .mqtt("[host]: a", "8: a key is one plain word, such as `host`"),
  WrongConfiguration(
    "mqtt: &broker {host: a}\nhome_assistant: *broker\n" + rightMeter,
    "1:7: anchors and aliases (& and *) are not read here; write the value out, in quotes if it begins so",
    "2:17: anchors and aliases (& and *) are not read here; write the value out, in quotes if it begins so"),
  WrongConfiguration(
    rightMeter + "---\nmqtt: 1\n", "2:1: a second document begins here; a configuration is one, without `---` in it"),
  WrongConfiguration(
    rightMeter + "modbus: {listen: 80}\n",
    "2:1: unknown key `modbus`; the top of the file takes mqtt, home_assistant, meters, defaults, include, http, udp, "
      + "state_directory, allow_readable_secrets, log_level, limits"
  ),
  WrongConfiguration(rightMeter + "base_topic: x\n", "2:1: unknown key `base_topic`; it belongs under `mqtt`"),
  .mqtt("ca_file: x", "8: unknown key `ca_file`; it belongs under `mqtt.tls`"),
  .mqtt("log_level: info", "8: unknown key `log_level`; it belongs to the top of the file"),
  .mqtt("user: x", "8: unknown key `user`; did you mean `username`?"),
  .meter("device: /dev/ttyUSB0", "5: unknown key `device`; did you mean `source`?"),
  .meter("baudrate: 2400", "5: unknown key `baudrate`; did you mean `line`?"),
  .meter("sub_meters: {gas: {name: x}}", "5: `sub_meters` is for P1 meters and SML meters; this one speaks mbus"),
  .meter("sub_meters: {gas: x}", protocol: "p1", "23: a sub-meter is a group of settings, one to a line: name"),
  .meter("sub_meters: {gas: {}}", protocol: "p1", "23: `name` is missing: a text"),
  .meter(
    "sub_meters: {gass: {name: x}}", protocol: "p1",
    "18: `gass` is not a sub-meter: its medium, as `gas`, or `gas_2` for the next one; did you mean `gas`?"),
  .meter(
    "sub_meters: {gas_1: {name: x}, gas_02: {name: x}}", protocol: "p1",
    "18: `gas_1` is not a sub-meter: its medium, as `gas`, or `gas_2` for the next one",
    "36: `gas_02` is not a sub-meter: its medium, as `gas`, or `gas_2` for the next one"),
  .meter("enable: [voltge]", "14: `voltge` is not the name of a field; did you mean `voltage`?"),
  .meter("enable: voltage_x1", "13: `voltage_x1` is not the name of a field"),
  .meter("enable: {voltage: true}", "13: `enable` is one value, not a list or a group"),
  .meter("state: yes", "12: `yes` is neither true nor false; did you mean `true`?"),
  .meter("colour: 2400", "5: unknown key `colour`; a meter takes \(meterKeys)"),
  .meter("key: 000102", protocol: "dlms", "10: `key` is not a key: 32 hexadecimal digits"),
  .meter(
    "key: 0123456789abcdef", protocol: "dlms",
    "10: `key` is not a key: 32 hexadecimal digits; 16 characters must be written as their hexadecimal codes"),
  .meter("auth_key: 00112233445566778899AABBCCDDEEFF", protocol: "dlms", "5: `auth_key` needs `key`"),
  .meter("allow_plain: true", protocol: "dlms", "5: `allow_plain` needs `key`"),
  .meter(
    "key: 00112233445566778899AABBCCDDEEFF",
    "5: `key` is for P1 meters and DLMS meters and wireless M-Bus meters; this one speaks mbus"),
  .meter(
    "system_title: KFM", protocol: "dlms",
    "19: `KFM` is not a system title: 16 hexadecimal digits, such as `4B464D1020304050`"),
  .meter(
    "scalers: {curent: -2}", protocol: "dlms",
    "15: `curent` is not a quantity: energy, reactive_energy, apparent_energy, power, reactive_power, apparent_power, "
      + "voltage, current, power_factor, frequency, phase_angle, volume; did you mean `current`?"),
  .meter(
    "scalers: {current: -20}", protocol: "dlms",
    "24: `-20` is not a power of ten: -6 to 6, such as `-2` for two decimals"),
  .meter(
    "profile: kaifa",
    """
    14: this is not a profile of mbus: abbseries, flowiq, gavazziem, hydrus, iem3000, imeconto, imenemo, itroncf51, itroncf55, \
    itroncfecho2, multical21, multical302, multical303, multical403, multical603, multical803, pro380, saiaburgess, sensostar2, \
    sensostar2c, sharky774, sharky775, supercal531, supercal739
    """),
  .meter("password: hunter2", "5: `password` is for B-route meters (echonet); this one speaks mbus"),
  .meter("pasword: hunter2", "5: unknown key `pasword`; did you mean `password`?"),
  .meter("colour: hunter2", "5: unknown key `colour`; a meter takes \(meterKeys)"),
  .mqtt("host: !secret broker", "14: unknown tag `!secret`; `!env NAME` and `!file PATH` are known"),
  .mqtt("host: !evn broker", "14: unknown tag `!evn`; did you mean `!env`?"),
  .mqtt("host: !env BROKER", "14: the environment variable `BROKER` is not set"),
  .mqtt("host: !env EMPTY", "14: the environment variable `EMPTY` is empty"),
  .mqtt("host: !env ''", "14: `!env` needs the name of a variable: `!env MQTT_PASSWORD`"),
  .mqtt("port: !env SECRET", "14: the value of `SECRET` is not a port number: 1 to 65535"),
  .mqtt("host: !file /nowhere", "14: cannot read `/nowhere`: No such file or directory"),
  .mqtt("host: !file /", "14: cannot read `/`: Is a directory"),
  .mqtt("host: !file /dev/null", "14: `/dev/null` is empty"),
  .mqtt("host: !file /dev/zero", "14: cannot read `/dev/zero`: larger than 65536 bytes"),
  .mqtt("host: !file ''", "14: `!file` needs a path: `!file /etc/meterbridge/mqtt-password`"),
  WrongConfiguration("mqtt: !env X\n" + rightMeter, "1:7: !env stands for one value, not for a list or a group"),
  WrongConfiguration("mqtt: !file {}\n" + rightMeter, "1:7: !file stands for one value, not for a list or a group"),
]

private let mqttKeys =
  "host, port, hosts, username, password, client_id, tls, keepalive, base_topic, protocol_version, max_packet_size, "
  + "replay_after"
private let meterKeys =
  "id, name, sub_meters, protocol, source, forward, line, address, receiver, mode, max_baud, wake, interval, nke, retries, pause, backoff, readout, readout_baud, profile, key, auth_key, system_title, allow_plain, "
  + "ignore_crc, scalers, route_b_id, password, heartbeat, min_interval, dead_band, rounding, units, enable, state, "
  + "utc_offset, factor, max_power"

@Test("every mistake in the structure is named with its place", arguments: structure)
private func structureMistakes(mistake: WrongConfiguration) {
  #expect(mistakes(mistake.text, environment: ["EMPTY": "", "SECRET": "hunter2"]) == mistake.lines)
}

/// Meters that are right each for itself.
private let together: [WrongConfiguration] = [
  WrongConfiguration(
    "meters:\n  - {id: bridge, protocol: p1, source: /dev/a}\n",
    "2:10: `bridge` is taken: its topics are the program's own"),
  WrongConfiguration(
    meters("a, protocol: p1, source: /dev/a", "a, protocol: p1, source: /dev/b"),
    "3:10: `a` is the id of the meter in line 2 already"),
  WrongConfiguration(
    meters("grid_gas_2, protocol: mbus, source: /dev/a", "grid, protocol: p1, source: /dev/b"),
    "2:10: `grid_gas_2` may become the id of a meter behind the P1 port of `grid`; choose another one"),
  WrongConfiguration(
    meters("grid, protocol: p1, source: /dev/b", "grid_waste_water, protocol: mbus, source: /dev/a"),
    "3:10: `grid_waste_water` may become the id of a meter behind the P1 port of `grid`; choose another one"),
  WrongConfiguration(meters("grid, protocol: mbus, source: /dev/b", "grid_gas, protocol: mbus, source: /dev/a")),
  WrongConfiguration(meters("grid, protocol: p1, source: /dev/b", "grid_gas_1, protocol: mbus, source: /dev/a")),
  WrongConfiguration(
    meters("a, protocol: p1, source: /dev/a", "b, protocol: p1, source: /dev/a"),
    "3:35: the meter in line 2 reads this source already; only M-Bus meters on a device or TCP share one, "
      + "or wireless ones on a receiver"),
  WrongConfiguration(
    meters("a, protocol: mbus, address: 1, source: '-'", "b, protocol: mbus, address: 2, source: '-'"),
    "3:49: the meter in line 2 reads this source already; only M-Bus meters on a device or TCP share one, "
      + "or wireless ones on a receiver"),
  WrongConfiguration(
    meters("a, protocol: mbus, address: 1, source: tcp://A:1", "b, protocol: mbus, source: tcp://a:1"),
    "3:6: `address` is missing: 2 meters share this source"),
  WrongConfiguration(
    meters("a, protocol: mbus, address: 1, source: /dev/a", "b, protocol: mbus, address: 001, source: /dev/a"),
    "3:38: the meter in line 2 answers to this address too"),
  WrongConfiguration(
    meters(
      "a, protocol: mbus, address: 83012345, source: /dev/a",
      "b, protocol: mbus, address: 8301FFFF2D2C40FF, source: /dev/a"),
    "3:38: the meter in line 2 answers to this address too"),
  WrongConfiguration(
    meters(
      "a, protocol: mbus, address: 830123452D2C4004, source: /dev/a",
      "b, protocol: mbus, address: 8301FFFF2D2C40FE, source: /dev/a")),
  WrongConfiguration(
    meters(
      "a, protocol: mbus, address: 1, line: 2400 8E1, source: /dev/a",
      "b, protocol: mbus, address: 2, line: 9600 8E1, source: /dev/a"),
    "3:47: the meter in line 2 has other settings for the same source"),
  WrongConfiguration(
    "limits: {meters: 1}\nmeters: [{id: a, protocol: p1, source: /dev/a}, {id: b, protocol: p1, source: /dev/b}]\n",
    "2:50: this is meter 2 of 2; `limits: {meters: 2}` allows so many"),
  WrongConfiguration(
    meters("a, protocol: p1, source: tcp://a:1, line: 9600 8N1"),
    "2:46: `line` is for serial ports and rfc2217://; this source is not one"),
  // What is wrong by itself is not held against the others too.
  WrongConfiguration(
    meters("a, protocol: mbus, address: 999, source: /dev/a", "b, protocol: mbus, address: 1, source: /dev/a"),
    "2:38: `999` is not an address of a meter: 0 to 250"),
]

private func meters(_ meters: String...) -> String {
  "meters:\n" + meters.map { "  - {id: \($0)}\n" }.joined()
}

@Test("meters that conflict with each other are named", arguments: together)
private func conflictingMeters(mistake: WrongConfiguration) {
  #expect(mistakes(mistake.text) == mistake.lines)
}

/// A secret in the wrong place, or of the wrong kind, is not shown either.
@Test(
  "a mistake in a secret does not show it",
  arguments: [
    "mqtt: {username: u, password: [hunter2]}", "mqtt: password hunter2",
    "mqtt: {username: u, password: \"hunter2\\0\"}",
    "mqtt: {pasword: hunter2}", "meters: [{key: hunter2}]", "meters: [{route_b_id: hunter2, auth_key: hunter2}]",
    "meters: [{route_b_id: [hunter2], password: {hunter2: 1}}]", "meters: [{password: 'hunter2 x'}]",
    "meters: [{password: !env SECRET, route_b_id: !env SECRET}]",
    "meters: [{id: a, protocol: p1, source: 'tcp://:hunter2@a:1'}]", "mqtt: {host: !env hunter, port: !env SECRET}",
    "mqtt: {username: u, password: &hunter2 x}", "mqtt: {username: u, password: *hunter2 }",
    "mqtt: {host: 'mqtt://u:hunter2@a'}",
    "meters: [{id: a, protocol: p1, source: 'http://u:hunter2@a:x/'}]",
    "meters: [{id: a, protocol: p1, source: 'https://u:1/hunter2@a/'}]",
    "meters: [{id: a, protocol: p1, source: 'https://a/#?hunter2'}]",
  ])
func secrets(text: String) {
  let lines = mistakes(text, environment: ["SECRET": "hunter2"])
  #expect(!lines.isEmpty)
  #expect(!lines.contains { $0.contains("hunter2") }, "\(lines)")
}

/// A file that somebody else made: bounded work, no trap.
@Test("a cut or changed example neither traps nor hangs")
func damagedExample() throws {
  let text = try readFile(repository.appending(path: "deploy/meterbridge.example.yaml").path, upTo: 1 << 20)
  var wrong = 0
  func read(_ bytes: [UInt8]) {
    do throws(ConfigurationError) {
      _ = try Configuration.parse(bytes, path: "/nowhere/m.yaml", environment: [:])
    } catch {
      wrong += 1
      #expect(error.lines.allSatisfy { $0.hasPrefix("/nowhere/m.yaml:") })
    }
  }
  for count in text.indices { read(Array(text[..<count])) }
  for offset in text.indices {
    for mask: UInt8 in [0x01, 0x20, 0x80] {
      var changed = text
      changed[offset] ^= mask
      read(changed)
    }
    for byte in "\t\"'{[:-&*!#\0 \n".utf8 where offset % 8 == 0 {
      var changed = text
      changed[offset] = byte
      read(changed)
    }
  }
  #expect(wrong > text.count)
}

@Test("a large file is refused, and many mistakes are all named")
func largeFiles() throws {
  let folder = try TemporaryFolder()
  try folder.write(String(repeating: "#", count: Limits.configurationBytes + 1), to: "m.yaml")
  let path = folder.path + "/m.yaml"
  #expect(
    throws: ConfigurationError.wrong(
      path: path,
      [
        ConfigurationMistake(
          at: Mark(line: 1, column: 1),
          message: "the file is larger than \(Limits.configurationBytes) bytes; that is not a configuration")
      ])
  ) {
    try Configuration.read(path: path, environment: [:])
  }
  let many = (1...1000).map { "  k\($0): 1\n" }.joined()
  #expect(mistakes("mqtt:\n\(many)" + rightMeter).count == 1000)
}
