internal import Decoders

/// A unit as the name and the number of a metric have it: base units of Prometheus, but kWh as on the bill.
struct MetricUnit {
  /// The end of the name, without its underscore; empty for a bare number.
  var suffix: StaticString
  /// The factor from the unit of the vocabulary.
  var factor: FixedDecimal

  init(_ suffix: StaticString, _ factor: FixedDecimal = FixedDecimal(1)) {
    self.suffix = suffix
    self.factor = factor
  }

  var isAsPublished: Bool { factor == FixedDecimal(1) }
}

extension Unit {
  /// How metrics have a unit of the vocabulary; nil for units that the vocabulary does not have.
  ///
  /// `promtool check metrics` must find nothing: it minds hours, kilograms and kelvins.
  var metric: MetricUnit? {
    switch self {
    case .none: MetricUnit("")
    case .kilowattHour: MetricUnit("kwh")
    case .kilovarHour: MetricUnit("kvarh")
    case .kilovoltAmpereHour: MetricUnit("kvah")
    case .watt: MetricUnit("watts")
    case .reactiveVar: MetricUnit("vars")
    case .voltAmpere: MetricUnit("volt_amperes")
    case .volt: MetricUnit("volts")
    case .ampere: MetricUnit("amperes")
    case .hertz: MetricUnit("hertz")
    case .degree: MetricUnit("degrees")
    case .cubicMetre: MetricUnit("cubic_meters")
    case .cubicMetrePerHour: MetricUnit("cubic_meters_per_hour")
    case .cubicMetreCelsius: MetricUnit("cubic_meter_celsius")
    case .kilogram: MetricUnit("grams", FixedDecimal(1, exponent: 3))
    case .kilogramPerHour: MetricUnit("grams_per_hour", FixedDecimal(1, exponent: 3))
    case .celsius: MetricUnit("celsius")
    case .kelvin: MetricUnit("kelvin")
    case .bar: MetricUnit("bar")
    case .percent: MetricUnit("ratio", FixedDecimal(1, exponent: -2))
    case .decibelMilliwatt: MetricUnit("dbm")
    case .hour: MetricUnit("seconds", FixedDecimal(3600))
    case .day: MetricUnit("seconds", FixedDecimal(86400))
    default: nil
    }
  }
}
