/// Meters of another medium than electricity: A of their codes is the medium (IEC 62056-61, EN 13757-1).
extension Obis {
  /// The medium of A = 4 to 9; nil for electricity and for what belongs to no medium.
  var otherMedium: Medium? {
    switch a {
    case 4: .heatCostAllocator
    case 5: .cooling
    case 6: .heat
    case 7: .gas
    case 8, 9: .water
    default: nil
    }
  }

  /// Whether the code may measure something of its medium: C from 96 on and 0 are service entries, D = 6 are maxima, and F
  /// tells a billing period, 255 for now.
  var measuresOtherMedium: Bool { (1...95).contains(c) && d != 6 && (f == 255 || (1...126) ~= f) }

  /// The name of a value with such a code, by its unit; nil if the medium has no such quantity.
  func name(of medium: Medium, in unit: Unit) -> FieldName? {
    switch unit.dimension {
    case .volume: .volume
    case .volumeFlow: .volumeFlow
    case .energy where medium != .water: .energy
    case .power where medium == .heat || medium == .cooling: .power
    case .mass: .mass
    case .massFlow: .massFlow
    case .pressure: .pressure
    case .temperature where medium == .heat || medium == .cooling:
      c == 10 ? .flowTemperature : c == 11 ? .returnTemperature : nil
    case .temperatureDifference where c == 12: .temperatureDifference
    case .none where medium == .heatCostAllocator: .heatCostUnits
    default: nil
    }
  }

  /// The rank of a number of such a meter, the highest counts; 0 for other codes.
  var numberRankOfOtherMedium: UInt8 {
    switch cde {
    case 0x60_01_00: 3  // 96.1.0
    case 0x60_01_01: 2  // 96.1.1
    case 0: 1  // 0.0.0
    default: 0
    }
  }
}
