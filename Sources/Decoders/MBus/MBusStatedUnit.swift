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
    guard let first = text.first else { return nil }
    if text.contains(UInt8(ascii: "%")), Self.isHumidity(text) {
      (unit, isHumidity) = (.percent, true)
    } else if let known = Self.unit(text) {
      unit = known
    } else if let power = Self.power(first), let known = Self.unit(text.dropFirst()), Self.takesPrefix.contains(known) {
      (unit, self.power) = (known, power)
    } else {
      unit = .stated
    }
  }

  private static func isHumidity(_ text: some Collection<UInt8>) -> Bool {
    humidity.contains(String(decoding: text, as: UTF8.self).lowercased().filter { !" .".contains($0) })
  }

  private static let humidity: Set<String> = ["%rh", "rh%", "%rf", "rf%", "%relhum", "%relh"]

  /// Other spellings of the table's symbols, in lower case.
  private static let spellings: [String: Unit] = [
    "m3": .cubicMetre, "m^3": .cubicMetre, "cbm": .cubicMetre, "m3/h": .cubicMetrePerHour, "m^3/h": .cubicMetrePerHour,
    "m3/min": .cubicMetrePerMinute, "m3/s": .cubicMetrePerSecond, "l": .litre, "ltr": .litre, "l/h": .litrePerHour,
    "ft3": .cubicFoot, "degc": .celsius, "deg c": .celsius, "°c": .celsius, "° c": .celsius, "°f": .fahrenheit,
    "degf": .fahrenheit, "deg": .degree, "hz": .hertz, "kwh": .kilowattHour, "kvarh": .kilovarHour, "kw": .kilowatt,
  ]

  private static let packedSpellings = spellings.map { (word: packed($0.utf8) ?? 0, unit: $1) }
  /// The first unit of a symbol counts.
  private static let packedSymbols = Unit.allCases.compactMap { unit in
    unit == .none || unit == .stated ? nil : (word: packed(unit.symbol.utf8) ?? 0, unit: unit)
  }

  /// A text as a number, which is quick to compare; nil if it is empty, or longer than any unit.
  private static func packed(_ text: some Collection<UInt8>) -> UInt64? {
    guard (1...8).contains(text.count) else { return nil }
    return text.reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// A symbol of the table, its upper and lower case as published, or another spelling of it.
  private static func unit(_ text: some Collection<UInt8>) -> Unit? {
    guard let word = packed(text) else { return nil }
    if let known = packedSymbols.first(where: { $0.word == word }) { return known.unit }
    let lower = packed(text.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 })
    return packedSpellings.first { $0.word == lower }?.unit
  }

  /// The power of ten of a prefix of the SI.
  private static func power(_ letter: UInt8) -> Int8? {
    switch letter {
    case UInt8(ascii: "m"): -3
    case UInt8(ascii: "k"): 3
    case UInt8(ascii: "M"): 6
    case UInt8(ascii: "G"): 9
    default: nil
    }
  }

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
