import Foundation
import TestSupport
import Testing

@testable import Base
@testable import MeterBridge
@testable import Platform

/// A text with a mistake in it, and what is said of it.
private struct Mistake: Sendable, CustomTestStringConvertible {
  var text: String
  var lines: [String]
  var testDescription: String { text }

  init(_ text: String, _ lines: String...) {
    self.text = text
    self.lines = lines.map { "m.yaml:\($0)" }
  }

  /// A setting under `mqtt`, at 1:7 and 1:(9 + key).
  static func mqtt(_ setting: String, _ lines: String...) -> Mistake {
    var mistake = Mistake("mqtt: {\(setting)}\n" + rightMeter)
    mistake.lines = lines.map { "m.yaml:1:\($0)" }
    return mistake
  }

  /// A setting of a meter, in line 5 from column 5 on.
  static func meter(_ setting: String, protocol name: String = "mbus", _ lines: String...) -> Mistake {
    var mistake = Mistake(
      "meters:\n  - id: a\n    protocol: \(name)\n    source: /dev/ttyUSB0\n    \(setting)\n")
    mistake.lines = lines.map { "m.yaml:5:\($0)" }
    return mistake
  }
}

@Test func tenMistakesInOneFile() {
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
      "m.yaml:3:9: `99999` is no port number: 1 to 65535",
      "m.yaml:4:14: `30` has no unit: `30s` are seconds, `30m` minutes",
      "m.yaml:6:15: `yes` is neither true nor false; did you mean `true`?",
      "m.yaml:8:9: `Grid-1` is no id: only a–z, 0–9 and _; did you mean `grid_1`?",
      "m.yaml:9:15: `p2` is none of mbus, p1, dlms, echonet; did you mean `p1`?",
      "m.yaml:10:13: `ttyUSB0` is no source: a device such as /dev/serial/by-id/…, tcp://HOST:PORT, "
        + "http://HOST/PATH, file:PATH, or - for standard input; did you mean `/dev/ttyUSB0`?",
      "m.yaml:14:14: `253` is not a meter's own address: it means the one selected; give its 8 or 16 digits instead",
      "m.yaml:15:15: an M-Bus meter is asked once a second at most: at least 1s",
      "m.yaml:16:21: `gj` is no unit of energy: J, kJ, MJ, GJ, Wh, kWh, MWh, cal, kcal, Mcal; did you mean `GJ`?",
      "m.yaml:17:5: `id` is missing: `a`–`z`, `0`–`9` and `_`, not `bridge`",
      "m.yaml:17:5: `protocol` is missing: `mbus`, `p1`, `dlms`, `echonet`",
      "m.yaml:17:5: `source` is missing: a device such as `/dev/serial/by-id/…`, `tcp://HOST:PORT`, "
        + "`http://HOST/PATH`, `file:PATH`, or `-` for standard input",
      "m.yaml:18:5: unknown key `profil`; did you mean `profile`?",
    ])
}

/// What is wrong with the text as YAML is the only thing said of it.
private let syntax: [Mistake] = [
  Mistake("mqtt:\n\thost: a\n", "2:1: a tab cannot indent; use blanks"),
  Mistake("mqtt:\n  host: a\n\tport: 1\n", "3:1: a tab cannot indent; use blanks"),
  Mistake(
    "mqtt:\n  host: a\n   port: 3\n",
    "3:8: this colon does not fit: the line is indented wrongly, or the text needs quotes"),
  Mistake(
    "mqtt:\n  host: a\n port: 3\n",
    "3:2: this does not fit with what stands above: look at the indentation, quotes and brackets"),
  Mistake("ä: \"abc\nb: 3\n", "1:4: the quote that opens here is never closed"),
  Mistake("ä: 'abc\nb: 3\n---\n", "1:4: the quote that opens here is never closed"),
  Mistake("a: [1,2\nb: 3\n", "1:4: the [ that opens here is not closed, or a comma is missing"),
  Mistake("a: {b: 1\nc: 3\n", "1:4: the { that opens here is not closed, or a comma is missing"),
  Mistake("a: 1\nhost:b\nc: 1\n", "2:1: a colon and a blank are missing: write `key: value`"),
  Mistake("mqtt: {password: @x}\n", "1:18: a text that begins with @, % or ` needs quotes"),
  Mistake("a: * \n", "1:5: a text that begins with & or * needs quotes"),
  Mistake("a: \"\\q\"\n", "1:5: inside double quotes \\ begins an escape; use single quotes"),
  Mistake("a: !b!c 1\n", "1:4: this tag is not known; `!env NAME` and `!file PATH` are"),
  Mistake("a: | x\n", "1:6: only a comment may stand behind | and >"),
  Mistake("a: - b\n", "1:4: a list begins on a line of its own"),
  Mistake("a: ]\n", "1:4: a value is missing before this"),
  Mistake(
    "meters:\n  - id: a\n  id: b\n", "3:3: an entry of the list above begins with `- `; look at the indentation"),
  Mistake("%YAML 2.0\n---\na: 1\n", "1:1: not YAML: found incompatible YAML document"),
  Mistake("mqtt:\n  host: \u{1}\n", "2:9: the control character U+0001 cannot stand here"),
  Mistake("a: 1\nä: \u{FEFF}\n", "2:4: an invisible character, U+FEFF, stands here; delete it"),
  Mistake("a: \u{2028}\n", "1:4: an invisible character, U+2028, stands here; delete it"),
  Mistake("a: \u{85}\n", "1:4: an invisible character, U+0085, stands here; delete it"),
  Mistake(
    "meters: " + String(repeating: "[", count: 500_000), "1:72: lists and maps are nested deeper than 64 here"),
]

@Test(arguments: syntax) private func syntaxErrorStops(mistake: Mistake) {
  #expect(mistakes(mistake.text) == mistake.lines)
}

@Test func otherEncodingsAreNamed() {
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

private let structure: [Mistake] = [
  Mistake("# nothing\n", "1:1: `meters` is missing: a list of meters"),
  Mistake("mqtt:\n", "1:1: `meters` is missing: a list of meters"),
  Mistake("meters: []\n", "1:9: `meters` is empty: name at least one meter"),
  Mistake("meters:\n", "1:8: `meters` is a list: write `- ` before the first key of each meter"),
  Mistake("meters:\n  id: a\n", "2:3: `meters` is a list: write `- ` before the first key of each meter"),
  Mistake(
    "- a\n",
    "1:1: the top of the file is a group of settings, one to a line: mqtt, home_assistant, meters, state_directory, "
      + "allow_readable_secrets, "
      + "log_level, limits"),
  Mistake("mqtt: localhost\n" + rightMeter, "1:7: `mqtt` is a group of settings, one to a line: \(mqttKeys)"),
  Mistake("mqtt: [localhost]\n" + rightMeter, "1:7: `mqtt` is a group of settings, one to a line: \(mqttKeys)"),
  .mqtt("tls: true", "13: `tls` is a group of settings, one to a line: ca_file, cert_file, key_file, insecure"),
  .mqtt("host: [a]", "14: `host` is one value, not a list or a group"),
  .mqtt("host: {a: b}", "14: `host` is one value, not a list or a group"),
  .mqtt("host: ", "14: `host` has no value; leave the line out for the default"),
  .mqtt("host: ~", "14: `host` has no value; leave the line out for the default"),
  .mqtt("host: a, port: 1, host: b", "26: `host` stands here a second time; the first is in line 1"),
  .mqtt("[host]: a", "8: a key is one plain word, such as `host`"),
  Mistake(
    "mqtt: &broker {host: a}\nhome_assistant: *broker\n" + rightMeter,
    "1:7: anchors and aliases (& and *) are not read here; write the value out, in quotes if it begins so",
    "2:17: anchors and aliases (& and *) are not read here; write the value out, in quotes if it begins so"),
  Mistake(
    rightMeter + "---\nmqtt: 1\n", "2:1: a second document begins here; a configuration is one, without `---` in it"),
  Mistake(
    rightMeter + "http: {listen: 80}\n",
    "2:1: unknown key `http`; the top of the file takes mqtt, home_assistant, meters, state_directory, "
      + "allow_readable_secrets, log_level, limits"
  ),
  Mistake(rightMeter + "base_topic: x\n", "2:1: unknown key `base_topic`; it belongs under `mqtt`"),
  .mqtt("ca_file: x", "8: unknown key `ca_file`; it belongs under `mqtt.tls`"),
  .mqtt("log_level: info", "8: unknown key `log_level`; it belongs to the top of the file"),
  .mqtt("user: x", "8: unknown key `user`; did you mean `username`?"),
  .meter("device: /dev/ttyUSB0", "5: unknown key `device`; did you mean `source`?"),
  .meter("baudrate: 2400", "5: unknown key `baudrate`; did you mean `line`?"),
  .meter("colour: 2400", "5: unknown key `colour`; a meter takes \(meterKeys)"),
  .meter("key: 000102", protocol: "dlms", "10: `key` is no key: 32 hexadecimal digits"),
  .meter(
    "key: 0123456789abcdef", protocol: "dlms",
    "10: `key` is no key: 32 hexadecimal digits; 16 characters must be written as their hexadecimal codes"),
  .meter("auth_key: 00112233445566778899AABBCCDDEEFF", protocol: "dlms", "5: `auth_key` is of no use without `key`"),
  .meter(
    "key: 00112233445566778899AABBCCDDEEFF", "5: `key` is for P1 meters and DLMS meters; this one speaks mbus"),
  .meter(
    "system_title: KFM", protocol: "dlms",
    "19: `KFM` is no system title: 16 hexadecimal digits, such as `4B464D1020304050`"),
  .meter(
    "scalers: {curent: -2}", protocol: "dlms",
    "15: `curent` is no quantity: energy, reactive_energy, apparent_energy, power, reactive_power, apparent_power, "
      + "voltage, current, power_factor, frequency, phase_angle, volume; did you mean `current`?"),
  .meter(
    "scalers: {current: -20}", protocol: "dlms",
    "24: `-20` is no power of ten: -6 to 6, such as `-2` for two decimals"),
  .meter(
    "profile: kaifa",
    "14: this is no profile of mbus: multical303, multical403, multical603, pro380"),
  .meter("password: hunter2", "5: `password` is for B-route meters (echonet); this one speaks mbus"),
  .meter("pasword: hunter2", "5: unknown key `pasword`; did you mean `password`?"),
  .meter("colour: hunter2", "5: unknown key `colour`; a meter takes \(meterKeys)"),
  .mqtt("host: !secret broker", "14: unknown tag `!secret`; `!env NAME` and `!file PATH` are known"),
  .mqtt("host: !evn broker", "14: unknown tag `!evn`; did you mean `!env`?"),
  .mqtt("host: !env BROKER", "14: the environment variable `BROKER` is not set"),
  .mqtt("host: !env EMPTY", "14: the environment variable `EMPTY` is empty"),
  .mqtt("host: !env ''", "14: `!env` needs the name of a variable: `!env MQTT_PASSWORD`"),
  .mqtt("port: !env SECRET", "14: the value of `SECRET` is no port number: 1 to 65535"),
  .mqtt("host: !file /nowhere", "14: cannot read `/nowhere`: No such file or directory"),
  .mqtt("host: !file /", "14: cannot read `/`: Is a directory"),
  .mqtt("host: !file /dev/null", "14: `/dev/null` is empty"),
  .mqtt("host: !file /dev/zero", "14: cannot read `/dev/zero`: larger than 65536 bytes"),
  .mqtt("host: !file ''", "14: `!file` needs a path: `!file /etc/meterbridge/mqtt-password`"),
  Mistake("mqtt: !env X\n" + rightMeter, "1:7: !env stands for one value, not for a list or a group"),
  Mistake("mqtt: !file {}\n" + rightMeter, "1:7: !file stands for one value, not for a list or a group"),
]

private let mqttKeys =
  "host, port, username, password, client_id, tls, keepalive, base_topic, protocol_version, max_packet_size"
private let meterKeys =
  "id, name, protocol, source, line, address, interval, profile, key, auth_key, system_title, ignore_crc, scalers, "
  + "route_b_id, password, heartbeat, min_interval, dead_band, rounding, units, utc_offset, factor, max_power"

private let values: [Mistake] = [
  .mqtt("host: ''", "14: `` is no name or address of a machine"),
  .mqtt("host: a b", "14: `a b` is no name or address of a machine"),
  .mqtt("host: mqtt://a.lan:1883", "14: `mqtt://a.lan:1883` is an address with a scheme; did you mean `a.lan`?"),
  .mqtt("host: a:1883", "14: `a:1883` has a port in it; the port has a line of its own: `port: 1883`"),
  .mqtt("port: 0", "14: `0` is no port number: 1 to 65535"),
  .mqtt("port: +1", "14: `+1` is no port number: 1 to 65535"),
  .mqtt("username: ''", "18: `` is empty"),
  .mqtt("username: \"a\\nb\"", "18: `a\u{FFFD}b` has a control character or a line end in it"),
  .mqtt("username: u, password: ''", "31: `password` is empty"),
  .mqtt("username: u, password: \"a\\0b\"", "31: `password` has a NUL character in it"),
  .mqtt("password: x", "8: `password` needs `username` beside it"),
  .mqtt(
    "client_id: a/b", "19: `a/b` is no client id that every broker takes: 1 to 23 letters, digits, `_` and `-`"),
  .mqtt("tls: {cert_file: /dev/null}", "14: `cert_file` needs `key_file` beside it"),
  .mqtt("tls: {key_file: /dev/null}", "14: `key_file` needs `cert_file` beside it"),
  .mqtt("tls: {ca_file: /nowhere.pem}", "23: cannot read `/nowhere.pem`: No such file or directory"),
  .mqtt("tls: {ca_file: ~/ca.pem}", "23: `~/ca.pem` is no path: `~` is not expanded here, write the whole path"),
  .mqtt("keepalive: 1s", "19: `1s` is too short: at least 5s"),
  .mqtt("keepalive: 99999999999999999h", "19: `99999999999999999h` is too long: at most 65535s"),
  .mqtt(
    "keepalive: 99999999999999999999h",
    "19: `99999999999999999999h` is no length of time: a whole number and ms, s, m or h, such as `15m`"),
  .mqtt(
    "keepalive: 1.5m", "19: `1.5m` is no length of time: a whole number and ms, s, m or h"),
  .mqtt(
    "keepalive: 2 min", "19: `2 min` is no length of time: a whole number and ms, s, m or h; did you mean `2m`?"),
  .mqtt(
    "keepalive: 1d", "19: `1d` is no length of time: a whole number and ms, s, m or h; did you mean `24h`?"),
  .mqtt("base_topic: /a", "20: `/a` is no topic here: levels joined by `/`, none of them empty"),
  .mqtt("base_topic: a//b", "20: `a//b` is no topic here: levels joined by `/`, none of them empty"),
  .mqtt("base_topic: a/#", "20: `a/#` is no topic to publish on: the wildcards `#` and `+` cannot stand in it"),
  .mqtt("base_topic: $SYS", "20: `$SYS` is no topic to publish on: those that begin with `$` are the broker's"),
  .mqtt("protocol_version: 3.1", "26: `3.1` is none of auto, 5, 3.1.1"),
  .mqtt("max_packet_size: 1k", "25: `1k` is no number of bytes: a whole number from 1024 to 268435455"),
  Mistake(
    "home_assistant: {node_id: A}\n" + rightMeter,
    "1:27: `A` is no id: only a–z, 0–9 and _; did you mean `a`?"),
  Mistake(
    "home_assistant: {compatibility: 2025.13}\n" + rightMeter,
    "1:33: `2025.13` is no version of Home Assistant: year and month, such as `2025.4`"),
  Mistake(
    "home_assistant: {compatibility: 2024.11}\n" + rightMeter,
    "1:33: `2024.11` is too old: device discovery came with 2024.12"),
  Mistake(
    "log_level: warn\n" + rightMeter,
    "1:12: `warn` is none of error, warning, notice, info, debug; did you mean `warning`?"),
  Mistake(
    "limits: {meters: 0}\n" + rightMeter, "1:18: `0` is no number of meters: a whole number from 1 to 10000"),
  .meter("name: ''", "11: `` is empty"),
  .meter("line: 8E1", "11: `8E1` is no line setting: baud rate, data bits, parity and stop bits, such as `2400 8E1`"),
  .meter("line: 2400", "11: `2400` is no line setting: write the bits too, such as `2400 8E1` or `2400 8N1`"),
  .meter(
    "line: 2401 8E1",
    "11: `2401 8E1` has no baud rate that is known: 300, 600, 1200, 1800, 2400, 4800, 9600, 19200, 38400, 57600, "
      + "115200, 230400, 460800, 500000, 576000, 921600, 1000000"),
  .meter(
    "line: 2400 8X1", "11: `2400 8X1` has no bits that are known: 7 or 8, N, E or O, 1 or 2, such as `2400 8E1`"),
  .meter(
    "address: 254", "14: `254` asks every meter at once; for a single meter on the line leave `address` out"),
  .meter("address: 255", "14: `255` is the address that no meter answers; meters have 0 to 250"),
  .meter("address: 251", "14: `251` is no address of a meter: 0 to 250"),
  .meter(
    "address: 8301234",
    "14: `8301234` is no M-Bus address: 0 to 250, or the 8 digits of the meter's number, or 16 digits: number, "
      + "manufacturer, version and medium, F for any digit"),
  .meter("address: 1", protocol: "p1", "5: `address` is for M-Bus meters; this one speaks p1"),
  .meter("profile: pro380", protocol: "p1", "5: `profile` is for M-Bus meters and DLMS meters; this one speaks p1"),
  .meter(
    "profile: pro38",
    "14: `pro38` is not known: multical303, multical403, multical603, pro380, kaifa, kamstrup, landis_gyr, "
      + "landis_gyr_e570, iskraemeco, aidon, sagemcom; did you mean `pro380`?"),
  .meter("interval: 999ms", "15: an M-Bus meter is asked once a second at most: at least 1s"),
  .meter("interval: 0s", "15: an M-Bus meter is asked once a second at most: at least 1s"),
  .meter("interval: 0s", protocol: "p1", "15: no meter sends without a pause: at least 1ms"),
  .meter("interval: 745h", "15: `745h` is too long: at most 744h"),
  Mistake(
    "meters:\n  - {id: a, protocol: p1, source: 'http://a.lan/x', interval: 500ms}\n",
    "2:63: a page is fetched once a second at most: at least 1s"),
  .meter("heartbeat: 0s", "16: `0s` is too short: at least 1s"),
  .meter("heartbeat: {power: 0s}", "24: `0s` is too short: at least 1s"),
  .meter(
    "min_interval: {powr: 1s, default: 1, power: 1s, power: 2s}",
    "20: `powr` is not the name of a field; did you mean `power`?",
    "39: `1` has no unit: `1s` are seconds, `1m` minutes", "53: `power` stands here a second time"),
  .meter("min_interval: [1s]", "19: `min_interval` is one value, not a list or a group"),
  .meter(
    "dead_band: 5",
    "16: `dead_band` is a group of settings, one to a line: a field's name and its value, such as `power: 5`"),
  .meter(
    "dead_band: {default: 5, status: 1, power: 0}",
    "17: `default` is not the name of a field with a number", "29: `status` is not the name of a field with a number",
    "47: `0` is no amount: leave the line out for none"),
  .meter(
    "rounding: {voltage: 0,5}",
    "25: `0` is no amount: leave the line out for none", "27: `5` is not the name of a field with a number"),
  .meter("rounding: {power: ten}", "23: `ten` is no amount: a number above 0 in plain digits"),
  .meter(
    "rounding: {power_factor: 0.01, powre: 1}",
    "36: `powre` is not the name of a field with a number; did you mean `power`?"),
  .meter("max_power: 0", "16: `0` is too small: no register could ever rise"),
  .meter("max_power: 25KW", "16: `25KW` is no power: a number and W, kW or MW, such as `25kW`; did you mean `25kW`?"),
  .meter("max_power: much", "16: `much` is no power: a number and W, kW or MW, such as `25kW`"),
  .meter("max_power: -1kW", "16: `-1kW` is no power: a number and W, kW or MW, such as `25kW`"),
  .meter("max_power: 1000000MW", "16: `1000000MW` is too much: less than 1000 GW"),
  .meter(
    "units: GJ",
    "12: `units` is a group of settings, one to a line: a field's name and its unit, such as `energy: GJ`"),
  .meter("units: {enery: GJ}", "13: `enery` is not the name of a field with a unit; did you mean `energy`?"),
  .meter("units: {status: GJ}", "13: `status` is not the name of a field with a unit"),
  .meter("units: {energy: GJ, energy: kWh}", "25: `energy` stands here a second time"),
  .meter("units: {volume: m3}", "21: `m3` is no unit of volume: m³, L, ft³, gal; did you mean `m³`?"),
  .meter("units: {volume: GJ}", "21: `GJ` is no unit of volume: m³, L, ft³, gal"),
  .meter(
    "units: {volume_flow: l/h}",
    "26: `l/h` is no unit of volume_flow: m³/h, m³/min, m³/s, L/h, gal/min, gal/h; did you mean `L/h`?"),
  .meter("utc_offset: +2", "17: `+2` is no offset to UTC: sign, hours and minutes, such as `+01:00`"),
  .meter("utc_offset: +15:00", "17: `+15:00` is no offset on earth: -12:00 to +14:00"),
  .meter("factor: 0,5", "13: `0,5` is no factor: a number above 0 in plain digits; did you mean `0.5`?"),
  .meter("factor: -1", "13: `-1` is no factor: a number above 0 in plain digits"),
  .meter("factor: 0.0", "13: `0.0` is no factor: it would make everything 0"),
  .meter("factor: 1.0000000000000000000", "13: `1.0000000000000000000` has too many digits: at most 18"),
]

private let sources: [Mistake] = [
  source("ftp://a.lan/meter", "is no source: \(known)"),
  source("http://:80/x", "has no name or address of a machine in it: http://HOST/PATH"),
  source("https://a:0/x", "has no port number from 1 to 65535 behind its host: https://HOST:PORT/PATH"),
  source("http://::1/x", "is no source: an IPv6 address stands in brackets, as in `http://[::1]/telegram`"),
  source("http://a:b/x", "has no port number from 1 to 65535 behind its host: http://HOST:PORT/PATH"),
  source("http://fe80::1:80/x", "is no source: an IPv6 address stands in brackets, as in `http://[::1]/telegram`"),
  source(
    "\"http://a.lan/a b\"", shown: "http://a.lan/a b",
    "has a blank or a special letter in it, which an address writes as %20 and the like"),
  source(
    "http://a.lan/100%", "has a % in it that is not followed by two hexadecimal digits; for the sign itself write %25"),
  source("\"http://a.lan/#x\"", shown: "http://a.lan/#x", "has a # in it; in a user name or password write %23"),
  source(
    "http://u:12/hunter2@a.lan/x", shown: "http://…@a.lan/x",
    "has an @ behind its host; in a password write / as %2F, in a path @ as %40"),
  source(
    "http://a:x/?key=hunter2", shown: "http://a:x/?…",
    "has no port number from 1 to 65535 behind its host: http://HOST:PORT/PATH"),
  source("COM3", "is no source: \(known)"),
  source("192.168.1.5:10001", "is no source: \(known); did you mean `tcp://192.168.1.5:10001`?"),
  source("socket://a:1", "is no source: \(known); did you mean `tcp://a:1`?"),
  source("tcp://a", "has no port: tcp://HOST:PORT, such as `tcp://a:10001`"),
  source("tcp://a:0", "has no port number from 1 to 65535 at its end: tcp://HOST:PORT"),
  source("tcp://a:1/x", "has no port number from 1 to 65535 at its end: tcp://HOST:PORT"),
  source("tcp://:1", "has no name or address of a machine in it: tcp://HOST:PORT"),
  source("tcp://::1:1", "is no source: an IPv6 address stands in brackets, as in `tcp://[::1]:10001`"),
  Mistake(
    "meters:\n  - {id: a, protocol: p1, source: 'tcp://u:hunter2@a:1'}\n",
    "2:35: `tcp://…@a:1` is no source: a TCP source takes no user name or password"),
  source("\"file:\"", shown: "file:", "is no path"),
]

private let known =
  "a device such as /dev/serial/by-id/…, tcp://HOST:PORT, http://HOST/PATH, file:PATH, or - for standard input"

private func source(_ text: String, shown: String? = nil, _ message: String) -> Mistake {
  Mistake("meters:\n  - id: a\n    protocol: p1\n    source: \(text)\n", "4:13: `\(shown ?? text)` \(message)")
}

@Test(arguments: structure + values + sources) private func everyMistakeHasItsWords(mistake: Mistake) {
  #expect(mistakes(mistake.text, environment: ["EMPTY": "", "SECRET": "hunter2"]) == mistake.lines)
}

/// Meters that are right each for itself.
private let together: [Mistake] = [
  Mistake(
    "meters:\n  - {id: bridge, protocol: p1, source: /dev/a}\n",
    "2:10: `bridge` is taken: its topics are the program's own"),
  Mistake(
    meters("a, protocol: p1, source: /dev/a", "a, protocol: p1, source: /dev/b"),
    "3:10: `a` is the id of the meter in line 2 already"),
  Mistake(
    meters("grid_gas_2, protocol: mbus, source: /dev/a", "grid, protocol: p1, source: /dev/b"),
    "2:10: `grid_gas_2` may become the id of a meter behind the P1 port of `grid`; choose another one"),
  Mistake(
    meters("grid, protocol: p1, source: /dev/b", "grid_waste_water, protocol: mbus, source: /dev/a"),
    "3:10: `grid_waste_water` may become the id of a meter behind the P1 port of `grid`; choose another one"),
  Mistake(meters("grid, protocol: mbus, source: /dev/b", "grid_gas, protocol: mbus, source: /dev/a")),
  Mistake(meters("grid, protocol: p1, source: /dev/b", "grid_gas_1, protocol: mbus, source: /dev/a")),
  Mistake(
    meters("a, protocol: p1, source: /dev/a", "b, protocol: p1, source: /dev/a"),
    "3:35: the meter in line 2 reads this source already; only M-Bus meters on a device or TCP share one"),
  Mistake(
    meters("a, protocol: mbus, address: 1, source: '-'", "b, protocol: mbus, address: 2, source: '-'"),
    "3:49: the meter in line 2 reads this source already; only M-Bus meters on a device or TCP share one"),
  Mistake(
    meters("a, protocol: mbus, address: 1, source: tcp://A:1", "b, protocol: mbus, source: tcp://a:1"),
    "3:6: `address` is missing: 2 meters share this source"),
  Mistake(
    meters("a, protocol: mbus, address: 1, source: /dev/a", "b, protocol: mbus, address: 001, source: /dev/a"),
    "3:38: the meter in line 2 answers to this address too"),
  Mistake(
    meters(
      "a, protocol: mbus, address: 83012345, source: /dev/a",
      "b, protocol: mbus, address: 8301FFFF2D2C40FF, source: /dev/a"),
    "3:38: the meter in line 2 answers to this address too"),
  Mistake(
    meters(
      "a, protocol: mbus, address: 830123452D2C4004, source: /dev/a",
      "b, protocol: mbus, address: 8301FFFF2D2C40FE, source: /dev/a")),
  Mistake(
    meters(
      "a, protocol: mbus, address: 1, line: 2400 8E1, source: /dev/a",
      "b, protocol: mbus, address: 2, line: 9600 8E1, source: /dev/a"),
    "3:47: the meter in line 2 has other settings for the same source"),
  Mistake(
    "limits: {meters: 1}\nmeters: [{id: a, protocol: p1, source: /dev/a}, {id: b, protocol: p1, source: /dev/b}]\n",
    "2:50: this is meter 2 of 2; `limits: {meters: 2}` allows so many"),
  Mistake(
    meters("a, protocol: p1, source: tcp://a:1, line: 9600 8N1"),
    "2:46: `line` is for serial ports; this source is none"),
  // What is wrong by itself is not held against the others too.
  Mistake(
    meters("a, protocol: mbus, address: 999, source: /dev/a", "b, protocol: mbus, address: 1, source: /dev/a"),
    "2:38: `999` is no address of a meter: 0 to 250"),
]

private func meters(_ meters: String...) -> String {
  "meters:\n" + meters.map { "  - {id: \($0)}\n" }.joined()
}

@Test(arguments: together) private func metersAreHeldAgainstEachOther(mistake: Mistake) {
  #expect(mistakes(mistake.text) == mistake.lines)
}

/// A secret in the wrong place, or of the wrong kind, is not shown either.
@Test(arguments: [
  "mqtt: {username: u, password: [hunter2]}", "mqtt: password hunter2", "mqtt: {username: u, password: \"hunter2\\0\"}",
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
func secretsAreNotShown(text: String) {
  let lines = mistakes(text, environment: ["SECRET": "hunter2"])
  #expect(!lines.isEmpty)
  #expect(!lines.contains { $0.contains("hunter2") }, "\(lines)")
}

/// A file that somebody else made: bounded work, no trap.
@Test func exampleCutAndChangedNeitherTrapsNorHangs() throws {
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

@Test func largeFilesAreRefusedAndManyMistakesAllNamed() throws {
  let folder = try TemporaryFolder()
  try folder.write(String(repeating: "#", count: Limits.configurationBytes + 1), to: "m.yaml")
  let path = folder.path + "/m.yaml"
  #expect(
    throws: ConfigurationError.wrong(
      path: path,
      [
        ConfigurationMistake(
          at: Mark(line: 1, column: 1),
          message: "the file is larger than \(Limits.configurationBytes) bytes; that is no configuration")
      ])
  ) {
    try Configuration.read(path: path, environment: [:])
  }
  let many = (1...1000).map { "  k\($0): 1\n" }.joined()
  #expect(mistakes("mqtt:\n\(many)" + rightMeter).count == 1000)
}
