/// Units by their number in COSEM objects (Blue Book 4.3.2).
enum COSEMUnit {
  /// The unit is missing.
  static let absent: UInt8 = 0
  /// The number that stands for "no unit".
  static let none: UInt8 = 255
  /// Volume converted to standard conditions: only gas meters have it.
  static let correctedVolume: UInt8 = 14

  private static let table: [(code: UInt8, unit: Unit)] = [
    (1, .year), (2, .month), (4, .day), (5, .hour), (6, .minute), (7, .second), (8, .degree), (9, .celsius),
    (13, .cubicMetre), (correctedVolume, .cubicMetre), (15, .cubicMetrePerHour), (16, .cubicMetrePerHour),
    (19, .litre), (20, .kilogram), (24, .bar), (25, .joule), (26, .joulePerHour), (27, .watt), (28, .voltAmpere),
    (29, .reactiveVar), (30, .wattHour), (31, .voltAmpereHour), (32, .varHour), (33, .ampere), (35, .volt),
    (44, .hertz), (52, .kelvin), (56, .percent), (70, .decibelMilliwatt), (none, .none),
  ]

  private static let units: [Unit?] = {
    var units = [Unit?](repeating: nil, count: 256)
    for line in table { units[Int(line.code)] = line.unit }
    return units
  }()

  /// Nil if the table does not have the number.
  static func unit(_ code: UInt8) -> Unit? { units[Int(code)] }

  /// The first number of a unit.
  static func code(_ unit: Unit) -> UInt8 { table.first { $0.unit == unit }?.code ?? absent }
}
