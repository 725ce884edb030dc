/// Registers of heat meters that leave A = 6 out (Landis+Gyr Ultraheat UH50 and T550, Siemens 2WR, Kamstrup MULTICAL 41 to 66:
/// technical descriptions).
enum D0Heat {
  private struct Line {
    var code: UInt16
    var name: FieldName
    var unit: Unit
    var function = RecordFunction.instantaneous

    init(_ c: UInt16, _ d: UInt16, _ name: FieldName, _ unit: Unit, _ function: RecordFunction = .instantaneous) {
      code = c << 8 | d
      self.name = name
      self.unit = unit
      self.function = function
    }
  }

  private static let table = [
    Line(6, 8, .energy, .kilowattHour), Line(6, 26, .volume, .cubicMetre),
    Line(6, 4, .power, .watt), Line(6, 6, .power, .watt, .maximum),
    Line(6, 27, .volumeFlow, .cubicMetrePerHour), Line(6, 33, .volumeFlow, .cubicMetrePerHour, .maximum),
    Line(6, 29, .flowTemperature, .celsius), Line(6, 28, .returnTemperature, .celsius),
    Line(6, 30, .temperatureDifference, .kelvin), Line(6, 31, .onTime, .hour), Line(6, 32, .errorTime, .hour),
    Line(9, 31, .operatingTime, .hour),
  ]

  /// The field of a code; nil for others, and for sub-registers other than the tariffs of energy.
  static func of(_ obis: Obis) -> (key: FieldKey, unit: Unit)? {
    let code = UInt16(obis.c) << 8 | UInt16(obis.d)
    guard let line = table.first(where: { $0.code == code }), obis.e == 0 || line.name == .energy else { return nil }
    let key = FieldKey(line.name, tariff: UInt16(obis.e), function: line.function, storage: D0Readings.storage(obis))
    return (key, line.unit)
  }

  /// Whether a code may be of such a meter: C is 6 for what it measures, 9 for itself, and 8.26 is what it counts at its pulse
  /// inputs.
  static func has(_ obis: Obis) -> Bool { obis.c == 6 || obis.c == 9 || obis.c == 8 && obis.d == 26 }

  /// Measuring period, set day and limits: what the meter is set to, not what it measures.
  static func isSetting(_ obis: Obis) -> Bool { obis.d == 35 || obis.d == 36 }
}
