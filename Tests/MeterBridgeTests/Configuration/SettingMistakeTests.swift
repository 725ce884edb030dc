import Testing

@testable import Base
@testable import MeterBridge

private func wirelessAddress(_ text: String) -> WrongConfiguration {
  .meter(
    "address: \(text)", protocol: "wmbus",
    "14: `\(text)` is not the number of a wireless meter: 8 digits, which `.M=KAM.V=1b.T=16` narrows to a maker, version "
      + "and medium")
}

private let values: [WrongConfiguration] = [
  .mqtt("host: ''", "14: `` is not a name or address of a machine"),
  .mqtt("host: a b", "14: `a b` is not a name or address of a machine"),
  .mqtt("host: mqtt://u:p@a.lan:1883", "14: `mqtt://…@a.lan:1883` is an address with a scheme; did you mean `a.lan`?"),
  .mqtt("host: mqtt://u@a.lan/", "14: `mqtt://…@a.lan/` is an address with a scheme; did you mean `a.lan`?"),
  .mqtt("host: mqtt://a.lan:1883", "14: `mqtt://a.lan:1883` is an address with a scheme; did you mean `a.lan`?"),
  .mqtt("host: a:1883", "14: `a:1883` has a port in it; the port has a line of its own: `port: 1883`"),
  .mqtt("hosts: a", "15: `hosts` is a list: write `- ` before each broker"),
  .mqtt("hosts: []", "15: `hosts` has no broker; leave the line out for `localhost`"),
  .mqtt(
    "hosts: [a, 'b:', c:70000, 'mqtt://d:1']",
    "19: `b:` has no port number from 1 to 65535 behind the colon",
    "25: `c:70000` has no port number from 1 to 65535 behind the colon",
    "34: `mqtt://d:1` is an address with a scheme; did you mean `d`?"),
  .mqtt("hosts: [a, b:1, a]", "24: this broker stands in the list already"),
  .mqtt("hosts: [a], host: b", "8: `host` and `hosts` exclude each other: put the broker of `host` into the list"),
  .mqtt("port: 0", "14: `0` is not a port number: 1 to 65535"),
  .mqtt("port: +1", "14: `+1` is not a port number: 1 to 65535"),
  .mqtt("username: ''", "18: `` is empty"),
  .mqtt(
    "username: \"a\\nb\"",
    "18: `a\u{FFFD}b` has a control character, a line end or a mark of text direction in it"),
  .mqtt(
    "username: \"a\\u202Eb\"",
    "18: `a\u{FFFD}b` has a control character, a line end or a mark of text direction in it"),
  .mqtt("username: u, password: ''", "31: `password` is empty"),
  .mqtt("username: u, password: \"a\\0b\"", "31: `password` has a NUL character in it"),
  .mqtt("password: x", "8: `password` needs `username` beside it"),
  .mqtt(
    "client_id: a/b", "19: `a/b` is not a client id that every broker takes: 1 to 23 letters, digits, `_` and `-`"),
  .mqtt("tls: {cert_file: /dev/null}", "14: `cert_file` needs `key_file` beside it"),
  .mqtt("tls: {key_file: /dev/null}", "14: `key_file` needs `cert_file` beside it"),
  .mqtt("tls: {ca_file: /nowhere.pem}", "23: cannot read `/nowhere.pem`: No such file or directory"),
  .mqtt("tls: {ca_file: ~/ca.pem}", "23: `~/ca.pem` is not a path: `~` is not expanded here, write the whole path"),
  .mqtt("keepalive: 1s", "19: `1s` is too short: at least 5s"),
  .mqtt("keepalive: 99999999999999999h", "19: `99999999999999999h` is too long: at most 65535s"),
  .mqtt(
    "keepalive: 99999999999999999999h",
    "19: `99999999999999999999h` is not a length of time: a whole number and ms, s, m or h, such as `15m`"),
  .mqtt(
    "keepalive: 1.5m", "19: `1.5m` is not a length of time: a whole number and ms, s, m or h"),
  .mqtt(
    "keepalive: 2 min", "19: `2 min` is not a length of time: a whole number and ms, s, m or h; did you mean `2m`?"),
  .mqtt(
    "keepalive: 1d", "19: `1d` is not a length of time: a whole number and ms, s, m or h; did you mean `24h`?"),
  .mqtt("base_topic: /a", "20: `/a` is not a topic here: levels joined by `/`, none of them empty"),
  .mqtt("base_topic: a//b", "20: `a//b` is not a topic here: levels joined by `/`, none of them empty"),
  .mqtt("base_topic: a/#", "20: `a/#` is not a topic to publish on: the wildcards `#` and `+` cannot stand in it"),
  .mqtt("base_topic: $SYS", "20: `$SYS` is not a topic to publish on: those that begin with `$` are the broker's"),
  .mqtt("protocol_version: 3.1", "26: `3.1` is not one of auto, 5, 3.1.1"),
  .mqtt("max_packet_size: 1k", "25: `1k` is not a number of bytes: a whole number from 1024 to 268435455"),
  WrongConfiguration(
    "home_assistant: {discovery: yes}\n" + rightMeter,
    "1:29: `yes` is not one of device, classic, both, false, true; did you mean `true`?"),
  WrongConfiguration(
    "home_assistant: {discovery: clasic}\n" + rightMeter,
    "1:29: `clasic` is not one of device, classic, both, false, true; did you mean `classic`?"),
  WrongConfiguration(
    "home_assistant: {node_id: A}\n" + rightMeter,
    "1:27: `A` is not an id: only a–z, 0–9 and _; did you mean `a`?"),
  WrongConfiguration(
    "home_assistant: {compatibility: 2025.13}\n" + rightMeter,
    "1:33: `2025.13` is not a version of Home Assistant: year and month, such as `2025.4`"),
  WrongConfiguration(
    "home_assistant: {compatibility: 2024.11}\n" + rightMeter,
    "1:33: `2024.11` is too old: device discovery came with 2024.12"),
  WrongConfiguration(
    "log_level: warn\n" + rightMeter,
    "1:12: `warn` is not one of error, warning, notice, info, debug; did you mean `warning`?"),
  WrongConfiguration(
    "limits: {meters: 0}\n" + rightMeter, "1:18: `0` is not a number of meters: a whole number from 1 to 10000"),
  .meter("name: ''", "11: `` is empty"),
  .meter(
    "line: 8E1", "11: `8E1` is not a line setting: baud rate, data bits, parity and stop bits, such as `2400 8E1`"),
  .meter("line: 2400", "11: `2400` is not a line setting: write the bits too, such as `2400 8E1` or `2400 8N1`"),
  .meter(
    "line: 2401 8E1",
    "11: `2401 8E1` has an unknown baud rate; these work: 300, 600, 1200, 1800, 2400, 4800, 7200, 9600, 14400, 19200, "
      + "28800, 38400, 57600, 76800, 115200, 128000, 230400, 250000, 256000, 460800, 500000, 576000, 921600, 1000000"),
  .meter(
    "line: 2400 8X1", "11: `2400 8X1` has unknown bits: 7 or 8, N, E or O, 1 or 2, such as `2400 8E1`"),
  .meter(
    "address: 254", "14: `254` asks every meter at once; for a single meter on the line leave `address` out"),
  .meter("address: 255", "14: `255` is the address that no meter answers; meters have 0 to 250"),
  .meter("address: 251", "14: `251` is not an address of a meter: 0 to 250"),
  .meter(
    "address: 8301234",
    "14: `8301234` is not an M-Bus address: 0 to 250, or the 8 digits of the meter's number, or 16 digits: number, "
      + "manufacturer, version and medium, F for any digit"),
  wirelessAddress("45"), wirelessAddress("7011223"), wirelessAddress("70112233."), wirelessAddress("70112233.X=01"),
  wirelessAddress("70112233.M=AQU1"), wirelessAddress("70112233.V=1"),
  .meter("address: 70112233.m=aqu.T=07", protocol: "wmbus"),
  .meter(
    "address: 1", protocol: "p1",
    "5: `address` is for M-Bus meters and D0 meters and wireless M-Bus meters; this one speaks p1"),
  .meter(
    "profile: pro380", protocol: "p1",
    "5: `profile` is for M-Bus meters and DLMS meters and wireless M-Bus meters; this one speaks p1"),
  .meter(
    "profile: pro38",
    """
    14: `pro38` is not known: abbseries, flowiq, gavazziem, hydrus, iem3000, imeconto, imenemo, itroncf51, itroncf55, \
    itroncfecho2, multical21, multical302, multical303, multical403, multical603, multical803, pro380, saiaburgess, sensostar2, \
    sensostar2c, sharky774, sharky775, supercal531, supercal739, kaifa, kamstrup, landis_gyr, landis_gyr_e570, \
    iskraemeco, aidon, sagemcom; did you mean `pro380`?
    """),
  .meter("interval: 999ms", "15: an M-Bus meter is asked once a second at most: at least 1s"),
  .meter("interval: 0s", "15: an M-Bus meter is asked once a second at most: at least 1s"),
  .meter("interval: 0s", protocol: "p1", "15: no meter sends without a pause: at least 1ms"),
  .meter("interval: 745h", "15: `745h` is too long: at most 744h"),
  WrongConfiguration(
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
    "47: `0` is not a valid amount: leave the line out for none"),
  .meter(
    "rounding: {voltage: 0,5}",
    "25: `0` is not a valid amount: leave the line out for none", "27: `5` is not the name of a field with a number"),
  .meter("rounding: {power: ten}", "23: `ten` is not a valid amount: a number above 0 in plain digits"),
  .meter(
    "rounding: {power_factor: 0.01, powre: 1}",
    "36: `powre` is not the name of a field with a number; did you mean `power`?"),
  .meter("max_power: 0", "16: `0` is too small: no register could ever rise"),
  .meter(
    "max_power: 25KW", "16: `25KW` is not a power: a number and W, kW or MW, such as `25kW`; did you mean `25kW`?"),
  .meter("max_power: much", "16: `much` is not a power: a number and W, kW or MW, such as `25kW`"),
  .meter("max_power: -1kW", "16: `-1kW` is not a power: a number and W, kW or MW, such as `25kW`"),
  .meter("max_power: 1000000MW", "16: `1000000MW` is too much: less than 1000 GW"),
  .meter(
    "units: GJ",
    "12: `units` is a group of settings, one to a line: a field's name and its unit, such as `energy: GJ`"),
  .meter("units: {enery: GJ}", "13: `enery` is not the name of a field with a unit; did you mean `energy`?"),
  .meter("units: {status: GJ}", "13: `status` is not the name of a field with a unit"),
  .meter("units: {energy: GJ, energy: kWh}", "25: `energy` stands here a second time"),
  .meter("units: {volume: m3}", "21: `m3` is not a unit of volume: m³, L, ft³, gal; did you mean `m³`?"),
  .meter("units: {volume: GJ}", "21: `GJ` is not a unit of volume: m³, L, ft³, gal"),
  .meter(
    "units: {volume_flow: l/h}",
    "26: `l/h` is not a unit of volume_flow: m³/h, m³/min, m³/s, L/h, gal/min, gal/h; did you mean `L/h`?"),
  .meter("utc_offset: +2", "17: `+2` is not an offset to UTC: sign, hours and minutes, such as `+01:00`"),
  .meter("utc_offset: +15:00", "17: `+15:00` is not an offset that exists: -12:00 to +14:00"),
  .meter("factor: 0,5", "13: `0,5` is not a valid factor: a number above 0 in plain digits; did you mean `0.5`?"),
  .meter("factor: -1", "13: `-1` is not a valid factor: a number above 0 in plain digits"),
  .meter("factor: 0.0", "13: `0.0` is not a valid factor: it would make everything 0"),
  .meter("factor: 1.0000000000000000000", "13: `1.0000000000000000000` has too many digits: at most 18"),
]

private let sources: [WrongConfiguration] = [
  source("ftp://a.lan/meter", "is not a source: \(known)"),
  source("http://:80/x", "has no name or address of a machine in it: http://HOST/PATH"),
  source("https://a:0/x", "has no port number from 1 to 65535 behind its host: https://HOST:PORT/PATH"),
  source("http://::1/x", "is not a source: an IPv6 address stands in brackets, as in `http://[::1]/telegram`"),
  source("http://a:b/x", "has no port number from 1 to 65535 behind its host: http://HOST:PORT/PATH"),
  source("http://fe80::1:80/x", "is not a source: an IPv6 address stands in brackets, as in `http://[::1]/telegram`"),
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
  source("COM3", "is not a source: \(known)"),
  source("192.168.1.5:10001", "is not a source: \(known); did you mean `tcp://192.168.1.5:10001`?"),
  source(
    "\"192.168.1.5\\n:10001\"", shown: "192.168.1.5\u{FFFD}:10001",
    "is not a source: \(known); did you mean `tcp://192.168.1.5\u{FFFD}:10001`?"),
  source("socket://a:1", "is not a source: \(known); did you mean `tcp://a:1`?"),
  source("tcp://a", "has no port: tcp://HOST:PORT, such as `tcp://a:10001`"),
  source("tcp://a:0", "has no port number from 1 to 65535 at its end: tcp://HOST:PORT"),
  source("tcp://a:1/x", "has no port number from 1 to 65535 at its end: tcp://HOST:PORT"),
  source("tcp://:1", "has no name or address of a machine in it: tcp://HOST:PORT"),
  source("tcp://::1:1", "is not a source: an IPv6 address stands in brackets, as in `tcp://[::1]:10001`"),
  source("rfc2217://a", "has no port: rfc2217://HOST:PORT, such as `rfc2217://a:10001`"),
  source("telnet://a:23", "is not a source: \(known); did you mean `tcp://a:23`?"),
  WrongConfiguration(
    "meters:\n  - {id: a, protocol: p1, source: 'tcp://u:hunter2@a:1'}\n",
    "2:35: `tcp://…@a:1` is not a source: a TCP source takes no user name or password"),
  source("mqtt:raw/#", "is not a topic of telegrams: `#` would take everything below it; `+` stands for one level"),
  source("mqtt:a/b+", "is not a topic: `+` stands for a whole level, as in `meters/+/raw`"),
  source("mqtt:$share/g", "is not a shared subscription: mqtt:$share/GROUP/TOPIC"),
  source("mqtt:$SYS/x", "is not a topic of telegrams: those that begin with `$` are the broker's"),
  source("\"mqtt:\"", shown: "mqtt:", "has no topic in it: mqtt:TOPIC"),
  source("mqtt://broker.lan/raw/grid", "is not a source: \(known); did you mean `mqtt:raw/grid`?"),
  .meter("forward: raw/+", "14: `raw/+` is not a topic to publish on: the wildcards `#` and `+` cannot stand in it"),
  source("\"file:\"", shown: "file:", "is not a path"),
]

private let known =
  "a device such as /dev/serial/by-id/…, tcp://HOST:PORT, rfc2217://HOST:PORT, udp://HOST:PORT, tcp-listen://:PORT, udp-listen://:PORT, "
  + "http://HOST/PATH, mqtt:TOPIC, file:PATH, or - for "
  + "standard input"

private func source(_ text: String, shown: String? = nil, _ message: String) -> WrongConfiguration {
  WrongConfiguration(
    "meters:\n  - id: a\n    protocol: p1\n    source: \(text)\n", "4:13: `\(shown ?? text)` \(message)")
}

@Test("every wrong value is named with its place", arguments: values + sources)
private func wrongValues(mistake: WrongConfiguration) {
  #expect(mistakes(mistake.text, environment: ["EMPTY": "", "SECRET": "hunter2"]) == mistake.lines)
}
