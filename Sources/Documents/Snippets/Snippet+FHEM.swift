internal import Base
internal import Decoders
internal import Meters

extension Snippet {
  /// Lines for FHEM's command field ("Raw definition"): a client, and a device with a reading for each value.
  static func fhem(_ house: SnippetHouse) -> Snippet {
    var lines = [
      "defmod meterbridge MQTT2_CLIENT \(house.host):\(house.port)",
      "attr meterbridge autocreate no",
      "attr meterbridge ignoreRegexp homeassistant/.*",
    ]
    if house.usesTLS { lines.append("attr meterbridge SSL 1") }
    lines.append("attr meterbridge subscriptions \(house.baseTopic)/+/+")
    for meter in house.meters {
      let name = "meterbridge_\(meter.id)"
      lines += [
        "defmod \(name) MQTT2_DEVICE \(name)",
        "attr \(name) IODev meterbridge",
        "attr \(name) alias \(meter.title)",
        // An inner map as a block of its own stays empty, and `;;` is how FHEM writes `;`.
        "attr \(name) readingList \(house.baseTopic)/\(meter.id)/(?!reading)[^/:]+:.* "
          + "{ my @t = split(\"/\", $TOPIC);; return { $t[-1] => $EVENT } }",
      ]
      let main = [FieldName.power, .volumeFlow, .volume, .energy, .energyImport].compactMap { meter[$0] }.first
      if let main {
        lines.append("attr \(name) stateFormat \(main.level) \(main.unitSymbol)")
      }
    }
    return Snippet(notes: ["For FHEM's \"Raw definition\" (the +). \(house.hostNote)"], lines: lines)
  }
}
