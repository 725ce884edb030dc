internal import Decoders
internal import Meters
internal import Publishing

extension Snippet {
  /// A `.things` file and the lines of an `.items` file: every openHAB can read them, with discovery or without.
  static func openHAB(_ house: SnippetHouse) -> Snippet {
    var things = [
      "// conf/things/meterbridge.things",
      "Bridge mqtt:broker:meterbridge \"MeterBridge\" "
        + "[ host=\(quoted(house.host)), port=\(house.port), secure=\(house.usesTLS) ] {",
    ]
    var items = ["// conf/items/meterbridge.items"]
    for meter in house.meters {
      things += [
        "  Thing topic \(meter.id) \(quoted(meter.title)) [ availabilityTopic=\(quoted(house.topic(meter, "availability"))), "
          + "payloadAvailable=\"online\", payloadNotAvailable=\"offline\" ] {",
        "    Channels:",
      ]
      for field in meter.shownFields {
        let unit = field.itemDimension == nil ? "" : ", unit=\(quoted(field.unitSymbol))"
        things.append(
          "      Type \(field.channelType) : \(field.level) \(quoted(field.label)) "
            + "[ stateTopic=\(quoted(house.topic(meter, field.level)))\(unit) ]")
        items.append(
          "\(field.itemType) \(meter.id)_\(field.level) \(quoted("\(meter.title): \(field.label)")) "
            + "{ channel=\"mqtt:topic:meterbridge:\(meter.id):\(field.level)\" }")
      }
      things.append("  }")
    }
    things.append("}")
    return Snippet(
      notes: ["Two files for openHAB: things, then items. \(house.hostNote)"] + house.unreadNotes,
      lines: things + [""] + items)
  }
}

extension SnippetHouse {
  /// Names the meters that have not been read yet: nothing is known of their fields.
  var unreadNotes: [String] {
    meters.filter(\.fields.isEmpty).map { "\($0.id) is not read yet: its fields are known after the first telegram." }
  }
}

extension FieldDescription {
  fileprivate var channelType: String {
    if isNumber { return "number" }
    return key.name == .lastTelegram || key.name == .meterTime ? "datetime" : "string"
  }

  fileprivate var itemType: String {
    switch channelType {
    case "number": itemDimension.map { "Number:\($0)" } ?? "Number"
    case "datetime": "DateTime"
    default: "String"
    }
  }

  /// The dimension of openHAB; nil where it does not have the unit.
  fileprivate var itemDimension: String? {
    guard isNumber else { return nil }
    return switch unit {
    case .joule, .kilojoule, .megajoule, .gigajoule, .wattHour, .kilowattHour, .megawattHour: "Energy"
    case .kilovarHour, .kilovoltAmpereHour: "Energy"
    case .watt, .kilowatt, .megawatt, .reactiveVar, .voltAmpere: "Power"
    case .volt: "ElectricPotential"
    case .ampere: "ElectricCurrent"
    case .hertz: "Frequency"
    case .cubicMetre: "Volume"
    case .cubicMetrePerHour: "VolumetricFlowRate"
    case .kilogram: "Mass"
    case .celsius, .fahrenheit, .kelvin: "Temperature"
    case .bar: "Pressure"
    case .percent: "Dimensionless"
    case .second, .minute, .hour, .day: "Time"
    default: nil
    }
  }
}
