import Decoders
import Foundation
import Testing
import TestSupport

@testable import Base
@testable import MeterBridge
@testable import Meters
@testable import Publishing

private let file = repository.appending(path: "docs/TOPICS.md")

/// `docs/TOPICS.md`, from the same tables as the program.
private func document() -> String { topics() + classicDiscovery() + fields() }

private func topics() -> String {
  """
  # Topics

  This page is made from the program's own tables; `make docs` writes it anew.

  The root is `meterbridge` unless `mqtt: {base_topic: …}` names another; `<id>` is the meter's id in the configuration. A
  sub-meter, as a gas meter behind a P1 port, is `<id>_<medium>`, the next of the same medium `<id>_<medium>_2`.
  `meterbridge topics` prints every topic of your own configuration.

  ## The bridge

  \(table(of: TopicsCommand.bridge, below: "<root>/"))

  ## Every meter

  \(table(of: TopicsCommand.everyMeter + TopicsCommand.flatState + TopicsCommand.polledMeter, below: "<root>/<id>/"))
  | `<root>/<id>/<field>` | yes | 1 | the value, and nothing else |

  A number is a plain decimal with a dot and the meter's own digits: no unit, no exponent, no leading zeros. A time is
  ISO 8601. A value that the meter marks as missing or wrong is not published: the topic keeps the last good one.

  A reading has all values of one telegram. `time` is the meter's own clock, `null` where it has none; beside it stands
  `received`, when the telegram came:

  ```json
  \(readingExample())
  ```

  \(state())

  Retained topics are sent again whenever a subscriber connects. A flow that counts or writes to a database should follow
  `reading`, which is not retained.

  ## Home Assistant

  | topic | retained | QoS | payload |
  |---|---|---|---|
  | `homeassistant/device/<node>_bridge/config` | yes | 1 | JSON: the bridge as a device |
  | `homeassistant/device/<node>_<id>/config` | yes | 1 | JSON: a meter or sub-meter as a device, its fields as entities |
  | `homeassistant/status` | subscribed | 0 | `online`: everything is published again |

  The node is `meterbridge` unless `home_assistant: {node_id: …}` names another. An entity is `sensor.<id>_<field>` at
  first and can be renamed in Home Assistant; its unique id `<node>_<id>_<field>` stays, and with it its history.
  A polled meter also has the button `button.<id>_read`, "Read now".


  """
}

private func classicDiscovery() -> String {
  """
  ## Domoticz and openHAB

  Domoticz ignores the document of a device, and so does openHAB before 2026. For them `home_assistant: {discovery: classic}`
  has a document for each entity, with the same ids, names and classes:

  | topic | retained | QoS | payload |
  |---|---|---|---|
  | `homeassistant/sensor/<node>_<id>/<field>/config` | yes | 1 | JSON: a field of a meter or sub-meter |
  | `homeassistant/binary_sensor/<node>_<id>/<field>/config` | yes | 1 | the same for a field that is `ON` or `OFF` |
  | `homeassistant/button/<node>_<id>/read/config` | yes | 1 | JSON: the button "Read now" of a polled meter |
  | `homeassistant/binary_sensor/<node>_bridge/state/config` | yes | 1 | JSON: whether the bridge is connected |
  | `homeassistant/sensor/<node>_bridge/<value>/config` | yes | 1 | JSON: `started`, `dead_letters` and `reconnects` |

  `both` has both forms, for Home Assistant beside one of these at the same broker. Home Assistant follows the form that comes
  first, and its log has a warning about a *conflicting MQTT discovery message* for each entity of the other: nothing is lost.

  Set the option and restart the bridge: no entity, name or history in Home Assistant is lost. The bridge tells Home Assistant
  on the old topics that the entities change over (`{"migrate_discovery":true}`), publishes the new documents five seconds
  later, and then clears the old topics. The entities are not available in between. Home Assistant's log may have a warning of a
  conflicting message for each, or of an empty one for each that is disabled. An access list must allow the topics of both
  forms until then: [OPERATION.md](OPERATION.md#rights-at-the-broker). Domoticz finds its devices after *Setup, Hardware,
  MQTT Auto Discovery Client Gateway* with the prefix `homeassistant`. Fields that are disabled at first may stay out of it: the meter's `enable:`
  brings them.


  """
}

private func state() -> String {
  """
  `state` holds the newest value of every topic of the meter as one flat object, if the meter has `state: true`:

  ```json
  \(stateExample())
  ```

  Numbers are numbers with the meter's own digits, everything else is a text. What the meter did not tell last, and what is
  held back, is left out. It comes at most every `min_interval`, after each telegram with `min_interval: 0`.
  `defaults: {state: true}` switches it on for all meters. Where to use it:

  * Telegraf, for InfluxDB and others. Name the meters: `meterbridge/+/state` would also be `meterbridge/bridge/state`, which
    is a word:

    ```toml
    [[inputs.mqtt_consumer]]
      servers = ["tcp://localhost:1883"]
      topics = ["meterbridge/grid/state", "meterbridge/heat/state"]
      data_format = "json"
      json_string_fields = ["status", "tariff"]
      json_time_key = "last_telegram"
      json_time_format = "2006-01-02T15:04:05.000Z07:00"
    ```

  * Node-RED: an *mqtt in* node on `meterbridge/grid/state`, output *a parsed JSON object*. Then `msg.payload.power` is a number.
  """
}

private func fields() -> String {
  """
  ## Fields

  Each field has one unit, whatever the meter sends, unless the meter's `units:` names another. What is disabled here is
  disabled in Home Assistant until you enable it there; its topic is published all the same. The list grows; a name in it
  never changes.

  | field | what it is | unit | device class | state class | in Home Assistant |
  |---|---|---|---|---|---|
  \(FieldName.allCases.filter { $0 != .code }.map(line).joined(separator: "\n"))

  Payloads of `breaker`: \(options(of: .breaker)). Payloads of `valve`: \(options(of: .valve)). `tariff` is the number of
  the meter's tariff: 1, 2, …

  ## Suffixes

  What tells several fields of one name apart follows the name, in this order:

  | suffix | what it is |
  |---|---|
  | `_l1` `_l2` `_l3` `_n` | conductor (`_r` and `_t` of a Japanese supply); disabled |
  | `_t1` `_t2` … | tariff |
  | `_max` `_min` `_error` | maximum, minimum, value while the meter reports an error; disabled |
  | `_s1` `_s2` … | storage number: a value of the past; disabled, and never a running total |
  | `_u1` `_u2` … | sub-unit, as a pulse input |
  | `_2` `_3` … | the second, third, … that is the same in all of these |

  So `energy_import_l1_t2` is what came in on the first conductor at the second tariff.

  A record that has no name here is published under its code, disabled: `mbus_04_ff07` (DIF and VIF of an M-Bus record) or
  `obis_1_0_99_9_9`. A device has room for 128 of these beside all fields with a name. Further ones are in `reading` only: the
  log says so once, and `fields_dropped` in `bridge/health` counts their values. A field that has not come for an hour gives its
  topic to a new one. Home Assistant is told of changed fields at most every ten seconds.

  """
}

private func table(of topics: [TopicsCommand.FixedTopic], below parent: String) -> String {
  let rows = topics.map { topic in
    let retained =
      switch topic.direction {
      case .publishedAndKept: "yes"
      case .published: "no"
      case .subscribed: "subscribed"
      }
    return "| `\(parent)\(topic.levels)` | \(retained) | \(topic.qos) | \(topic.payload) |"
  }
  return (["| topic | retained | QoS | payload |", "|---|---|---|---|"] + rows).joined(separator: "\n")
}

private func line(_ name: FieldName) -> String {
  let entry = name.entry
  var classes: [String] = []
  for medium in [Medium.other, .gas, .water] {
    if let deviceClass = name.deviceClass(of: medium), !classes.contains(deviceClass) { classes.append(deviceClass) }
  }
  let shown = entry.isEnabled ? (entry.isDiagnostic ? "diagnostic" : "enabled") : "disabled"
  let cells = [
    "`\(entry.name)`", "\(entry.label)", entry.unit.symbol, classes.joined(separator: ", "),
    entry.stateClass.text ?? "", shown,
  ]
  return "| " + cells.joined(separator: " | ") + " |"
}

private func readingExample() -> String {
  var reading = Reading(
    meter: MeterIdentity(
      number: .hexadecimal(0x1234_5678), manufacturer: MeterIdentity.manufacturer(0x4B, 0x41, 0x4D) ?? 0,
      model: Profile(name: "multical303").map { .profile($0) } ?? .none, medium: .heat))
  reading.fields = [
    Field(FieldKey(.energy), .number(FixedDecimal(1160)), .kilowattHour),
    Field(FieldKey(.volume), .number(FixedDecimal(10419, exponent: -2)), .cubicMetre),
    Field(FieldKey(.status), .text(reading.keep(Array("ok".utf8)))),
  ]
  var json = JSONText()
  json.reading(reading, received: nil, publishing: true)
  return json.text
}

private func stateExample() -> String {
  let fields = [(FieldName.energyImport, "1785.720"), (.power, "504"), (.tariff, "1"), (.status, "ok")]
  var harness = OutboxHarness()
  var meter = OutboxHarness.meter("grid")
  meter.publishesState = true
  harness.now = Instant(milliseconds: 1_795_848_930_000)
  harness.outbox.take(.meters([meter]), at: harness.now)
  harness.connect()
  harness.publish("grid", fields)
  return harness.drain().to("grid/state").first ?? ""
}

private func options(of name: FieldName) -> String {
  name.options(tariffs: []).map { "`\($0)`" }.joined(separator: ", ")
}

/// `make docs` sets the variable; then the file is written instead of compared.
@Test("docs/TOPICS.md is what the tables say")
func topicsPage() throws {
  if ProcessInfo.processInfo.environment["METERBRIDGE_WRITE_DOCS"] != nil {
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(document().utf8).write(to: file)
  }
  let written = try? String(contentsOf: file, encoding: .utf8)
  #expect(written == document(), "docs/TOPICS.md is not what the tables say; `make docs` writes it anew")
}
