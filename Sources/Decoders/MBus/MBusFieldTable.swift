/// What the fields of numbers take from other tables, with one look each: those tables are too slow for every field.
struct MBusFieldTable {
  /// Four bytes, so that a look is one load.
  struct Line: BitwiseCopyable {
    /// Of a quantity: its name, `code` without one.
    var name = FieldName.code
    /// Of a quantity or a name the vocabulary's unit, of a unit the published one.
    var unit: Unit
    /// Of a unit: the places that the point moves to the published one, and whether only the point moves.
    var shift: Int8 = 0
    var isShift = true
  }

  /// A table for heat and one for electricity.
  private static let all = [false, true].map { MBusFieldTable(isElectric: $0) }

  static func of(_ medium: Medium) -> MBusFieldTable { all[medium == .electricity ? 1 : 0] }

  private static let startOfNames = MBusQuantity.allCases.count
  private static let startOfUnits = startOfNames + FieldName.allCases.count

  let isElectric: Bool
  private let lines: [Line]

  private init(isElectric: Bool) {
    self.isElectric = isElectric
    let quantities = MBusQuantity.allCases.map { quantity in
      let name = quantity.plainName(isElectric: isElectric) ?? .code
      return Line(name: name, unit: name.entry.unit)
    }
    let units = Unit.allCases.map { unit in
      let published = unit.published
      let shift = unit.shift(to: published)
      return Line(unit: published, shift: Int8(shift ?? 0), isShift: shift != nil)
    }
    lines = quantities + FieldName.allCases.map { Line(unit: $0.entry.unit) } + units
  }

  /// The name of a plain record of a quantity, and its unit.
  @inline(__always)
  func plain(_ quantity: MBusQuantity) -> Line { lines[Int(quantity.rawValue)] }

  /// The unit of the vocabulary.
  func unit(_ name: FieldName) -> Unit { lines[Self.startOfNames &+ Int(name.rawValue)].unit }

  /// The way to the published unit.
  @inline(__always)
  func conversion(_ unit: Unit) -> Line { lines[Self.startOfUnits &+ Int(unit.rawValue)] }
}
