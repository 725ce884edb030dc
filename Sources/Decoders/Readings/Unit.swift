/// Every unit that meters send or topics have. This is the only list of symbols and sizes.
package enum Unit: UInt8, Sendable, BitwiseCopyable, CaseIterable {
  case none
  case joule, kilojoule, megajoule, gigajoule, wattHour, kilowattHour, megawattHour, calorie, kilocalorie, megacalorie
  case watt, kilowatt, megawatt, joulePerHour
  case varHour, kilovarHour, reactiveVar, kilovar
  case voltAmpereHour, kilovoltAmpereHour, voltAmpere, kilovoltAmpere
  case volt, millivolt, ampere, milliampere, hertz, degree
  case cubicMetre, litre, cubicFoot, gallon
  case cubicMetrePerHour, cubicMetrePerMinute, cubicMetrePerSecond, litrePerHour, gallonPerMinute, gallonPerHour
  case kilogram, tonne, kilogramPerHour
  case celsius, fahrenheit, kelvin, bar
  case second, minute, hour, day, month, year
  case percent, decibelMilliwatt, cubicMetreCelsius
  /// Another one, which an M-Bus meter states in plain text: it stands in the code of the field.
  case stated
}

/// The quantity that a unit measures. Only units of one dimension convert into each other.
package enum Dimension: UInt8, Sendable, BitwiseCopyable {
  case none, energy, power, reactiveEnergy, reactivePower, apparentEnergy, apparentPower, voltage, current, frequency
  case angle, volume, volumeFlow, mass, massFlow, temperature, temperatureDifference, pressure, time, calendar, ratio
  case level, heatContent
}

/// One line of the table of units: its symbol, and its size in the base unit of its dimension as an exact decimal.
struct UnitSize {
  var symbol: StaticString
  var dimension: Dimension
  var mantissa: Int64
  var exponent: Int8

  init(_ symbol: StaticString, _ dimension: Dimension, _ mantissa: Int64 = 1, _ exponent: Int8 = 0) {
    self.symbol = symbol
    self.dimension = dimension
    self.mantissa = mantissa
    self.exponent = exponent
  }
}

extension Unit {
  var size: UnitSize { Self.sizes[Int(rawValue)] }

  /// The table once more: a look takes less than the switch.
  private static let sizes = allCases.map(\.line)

  private var line: UnitSize {
    switch self {
    case .none: UnitSize("", .none)
    case .joule: UnitSize("J", .energy)
    case .kilojoule: UnitSize("kJ", .energy, 1, 3)
    case .megajoule: UnitSize("MJ", .energy, 1, 6)
    case .gigajoule: UnitSize("GJ", .energy, 1, 9)
    case .wattHour: UnitSize("Wh", .energy, 36, 2)
    case .kilowattHour: UnitSize("kWh", .energy, 36, 5)
    case .megawattHour: UnitSize("MWh", .energy, 36, 8)
    case .calorie: UnitSize("cal", .energy, 41868, -4)
    case .kilocalorie: UnitSize("kcal", .energy, 41868, -1)
    case .megacalorie: UnitSize("Mcal", .energy, 41868, 2)
    case .watt: UnitSize("W", .power, 36, 2)
    case .kilowatt: UnitSize("kW", .power, 36, 5)
    case .megawatt: UnitSize("MW", .power, 36, 8)
    case .joulePerHour: UnitSize("J/h", .power)
    case .varHour: UnitSize("varh", .reactiveEnergy)
    case .kilovarHour: UnitSize("kvarh", .reactiveEnergy, 1, 3)
    case .reactiveVar: UnitSize("var", .reactivePower)
    case .kilovar: UnitSize("kvar", .reactivePower, 1, 3)
    case .voltAmpereHour: UnitSize("VAh", .apparentEnergy)
    case .kilovoltAmpereHour: UnitSize("kVAh", .apparentEnergy, 1, 3)
    case .voltAmpere: UnitSize("VA", .apparentPower)
    case .kilovoltAmpere: UnitSize("kVA", .apparentPower, 1, 3)
    case .volt: UnitSize("V", .voltage)
    case .millivolt: UnitSize("mV", .voltage, 1, -3)
    case .ampere: UnitSize("A", .current)
    case .milliampere: UnitSize("mA", .current, 1, -3)
    case .hertz: UnitSize("Hz", .frequency)
    case .degree: UnitSize("°", .angle)
    case .cubicMetre: UnitSize("m³", .volume)
    case .litre: UnitSize("L", .volume, 1, -3)
    case .cubicFoot: UnitSize("ft³", .volume, 28_316_846_592, -12)
    case .gallon: UnitSize("gal", .volume, 3_785_411_784, -12)
    case .cubicMetrePerHour: UnitSize("m³/h", .volumeFlow)
    case .cubicMetrePerMinute: UnitSize("m³/min", .volumeFlow, 6, 1)
    case .cubicMetrePerSecond: UnitSize("m³/s", .volumeFlow, 36, 2)
    case .litrePerHour: UnitSize("L/h", .volumeFlow, 1, -3)
    case .gallonPerMinute: UnitSize("gal/min", .volumeFlow, 22_712_470_704, -11)
    case .gallonPerHour: UnitSize("gal/h", .volumeFlow, 3_785_411_784, -12)
    case .kilogram: UnitSize("kg", .mass)
    case .tonne: UnitSize("t", .mass, 1, 3)
    case .kilogramPerHour: UnitSize("kg/h", .massFlow)
    case .celsius: UnitSize("°C", .temperature)
    case .fahrenheit: UnitSize("°F", .temperature)
    case .kelvin: UnitSize("K", .temperatureDifference)
    case .bar: UnitSize("bar", .pressure)
    case .second: UnitSize("s", .time)
    case .minute: UnitSize("min", .time, 6, 1)
    case .hour: UnitSize("h", .time, 36, 2)
    case .day: UnitSize("d", .time, 864, 2)
    case .month: UnitSize("month", .calendar)
    case .year: UnitSize("year", .calendar, 12, 0)
    case .percent: UnitSize("%", .ratio)
    case .decibelMilliwatt: UnitSize("dBm", .level)
    case .cubicMetreCelsius: UnitSize("m³·°C", .heatContent)
    case .stated: UnitSize("", .none)
    }
  }

  /// The published symbol, in the spelling of Home Assistant.
  package var symbol: String { size.symbol.description }
  package var dimension: Dimension { size.dimension }

  /// Nil for an unknown symbol. Upper and lower case count.
  package init?(symbol: String) {
    guard let unit = Self.bySymbol[symbol] else { return nil }
    self = unit
  }

  /// The first unit of each symbol.
  private static let bySymbol = Dictionary(allCases.map { ($0.symbol, $0) }, uniquingKeysWith: { first, _ in first })

  /// Decimals after a conversion that is not a power of ten (design: kWh 3, h 2, °C 2, m³ 3, W 1).
  var decimalsAfterConversion: Int {
    switch self {
    case .watt, .reactiveVar, .voltAmpere, .percent: 1
    case .hour, .celsius, .fahrenheit, .kelvin, .minute, .day: 2
    case .megawattHour, .gigajoule, .megawatt, .tonne: 6
    case .joule, .second, .calorie, .joulePerHour: 0
    default: 3
    }
  }
}
