internal import Base
internal import Decoders
internal import Meters

extension Snippet {
  /// A file for `/etc/telegraf/telegraf.d`: all numbers by MQTT, one measurement with the tags meter and field.
  static func telegraf(_ house: SnippetHouse) -> Snippet {
    let levels = house.baseTopic.split(separator: "/", omittingEmptySubsequences: false)
    let before = String(repeating: "_/", count: levels.count - 1)
    var lines = ["[[inputs.mqtt_consumer]]"]
    lines.append("  servers = [\(quoted("\(house.usesTLS ? "ssl" : "tcp")://\(house.host):\(house.port)"))]")
    lines.append("  topics = [")
    for meter in house.meters {
      lines += meter.numbers.map { "    \(quoted(house.topic(meter, $0.level)))," }
    }
    lines += [
      "  ]",
      "  qos = 1",
      "  data_format = \"value\"",
      "  data_type = \"float\"",
      "  topic_tag = \"\"",
      "  [[inputs.mqtt_consumer.topic_parsing]]",
      "    topic = \(quoted("\(house.baseTopic)/+/+"))",
      "    measurement = \"\(before)measurement/_/_\"",
      "    tags = \"\(before)_/meter/field\"",
      "",
      "# Or, with a section `http:` in the bridge's configuration, all numbers with their units in the names:",
      "# [[inputs.prometheus]]",
      "#   urls = [\"http://localhost:8080/metrics\"]",
      "#   metric_version = 2",
    ]
    return Snippet(
      notes: ["For /etc/telegraf/telegraf.d/meterbridge.conf. \(house.hostNote)"] + house.unreadNotes, lines: lines)
  }
}
