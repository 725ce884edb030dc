/// A unit that stands in plain text behind VIF 7C or FC.
struct MBusStatedUnit {
  /// `stated` for a text that is no unit of the table.
  var unit: Unit
  /// Power of ten of the text's prefix, in that unit.
  var power: Int8 = 0
  /// The text says that a percentage is of relative humidity.
  var isHumidity = false

  /// Reads the text, without the blanks around it; nil for an empty one.
  init?(_ text: some Collection<UInt8>) {
    guard !text.isEmpty else { return nil }
    let spelled = String(decoding: text, as: UTF8.self)
    if text.contains(UInt8(ascii: "%")), Self.humidity.contains(spelled.lowercased().filter { !" .".contains($0) }) {
      (unit, isHumidity) = (.percent, true)
    } else if let known = Self.unit(spelled) {
      unit = known
    } else if let (known, power) = Self.prefixed(spelled) {
      (unit, self.power) = (known, power)
    } else {
      unit = .stated
    }
  }

  private static let humidity: Set<String> = ["%rh", "rh%", "%rf", "rf%", "%relhum", "%relh"]

  /// Other spellings of the table's symbols, in lower case.
  private static let spellings: [String: Unit] = [
    "m3": .cubicMetre, "m^3": .cubicMetre, "cbm": .cubicMetre, "m3/h": .cubicMetrePerHour, "m^3/h": .cubicMetrePerHour,
    "m3/min": .cubicMetrePerMinute, "m3/s": .cubicMetrePerSecond, "l": .litre, "ltr": .litre, "l/h": .litrePerHour,
    "ft3": .cubicFoot, "degc": .celsius, "deg c": .celsius, "°c": .celsius, "° c": .celsius, "°f": .fahrenheit,
    "degf": .fahrenheit, "deg": .degree, "hz": .hertz, "kwh": .kilowattHour, "kvarh": .kilovarHour, "kw": .kilowatt,
  ]

  /// A symbol of the table, its upper and lower case as published, or another spelling of it.
  private static func unit(_ text: String) -> Unit? {
    if let unit = Unit(symbol: text), unit != .none, unit != .stated { return unit }
    return spellings[text.lowercased()]
  }

  /// A unit of the table without a prefix, behind one of the SI.
  private static func prefixed(_ text: String) -> (Unit, Int8)? {
    guard let first = text.first, let power = prefixes[first], let unit = unit(String(text.dropFirst())),
      takesPrefix.contains(unit)
    else { return nil }
    return (unit, power)
  }

  private static let prefixes: [Character: Int8] = ["m": -3, "k": 3, "M": 6, "G": 9]
  private static let takesPrefix: Set<Unit> = [
    .joule, .wattHour, .watt, .varHour, .reactiveVar, .voltAmpereHour, .voltAmpere, .volt, .ampere, .hertz, .bar,
    .calorie,
  ]

  /// The quantity that the unit is of; `plainText` where it is of several, or of none in the vocabulary.
  func quantity(isElectric: Bool) -> MBusQuantity {
    if isHumidity { return .relativeHumidity }
    return switch unit.dimension {
    case .energy: .energy
    case .power: .power
    case .reactiveEnergy: .reactiveEnergy
    case .reactivePower: .reactivePower
    case .apparentEnergy: .apparentEnergy
    case .apparentPower: .apparentPower
    case .voltage: .voltage
    case .current: .current
    case .frequency: .frequency
    case .volume: .volume
    case .volumeFlow: .volumeFlow
    case .mass: .mass
    case .massFlow: .massFlow
    case .pressure: .pressure
    case .temperatureDifference: .temperatureDifference
    case .level: .signalStrength
    case .angle where isElectric: .phaseAngle
    default: .plainText
    }
  }
}

extension MBusRecord {
  /// The unit in the text of a plain-text VIF; nil for any other VIF and an empty text.
  func statedUnit(_ frame: [UInt8]) -> MBusStatedUnit? {
    unitText(frame).flatMap { MBusStatedUnit(MBusText.trimmed(MBusText.utf8(frame, $0))) }
  }
}
