/// The quantities with decimals of their own: the keys of `scalers` in the configuration.
package enum DLMSQuantity: UInt8, Sendable, BitwiseCopyable, CaseIterable {
  case energy, reactiveEnergy, apparentEnergy, power, reactivePower, apparentPower
  case voltage, current, powerFactor, frequency, phaseAngle, volume

  /// As the configuration names it.
  package var name: String {
    switch self {
    case .energy: "energy"
    case .reactiveEnergy: "reactive_energy"
    case .apparentEnergy: "apparent_energy"
    case .power: "power"
    case .reactivePower: "reactive_power"
    case .apparentPower: "apparent_power"
    case .voltage: "voltage"
    case .current: "current"
    case .powerFactor: "power_factor"
    case .frequency: "frequency"
    case .phaseAngle: "phase_angle"
    case .volume: "volume"
    }
  }

  /// Nil for an unknown name.
  package init?(name: String) {
    guard let quantity = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = quantity
  }

  /// The quantity of a code; nil for codes without a unit.
  init?(_ meaning: ObisMeaning) {
    switch meaning {
    case .quantity(_, let unit):
      switch unit.dimension {
      case .energy: self = .energy
      case .reactiveEnergy: self = .reactiveEnergy
      case .apparentEnergy: self = .apparentEnergy
      case .power: self = .power
      case .reactivePower: self = .reactivePower
      case .apparentPower: self = .apparentPower
      case .voltage: self = .voltage
      case .current: self = .current
      case .frequency: self = .frequency
      case .angle: self = .phaseAngle
      case .volume: self = .volume
      default: return nil
      }
    case .plain(let key) where key.name == .powerFactor: self = .powerFactor
    case .currentLimit: self = .current
    default: return nil
    }
  }

  /// The scaler that makes the largest of a telegram's values plausible on a public grid; nil if every one fails.
  func scaler(byLargest value: UInt64) -> Int8? {
    let range: ClosedRange<UInt64>
    switch self {
    case .voltage: range = 80...300
    case .frequency: range = 45...65
    default: return nil
    }
    var divisor: UInt64 = 1
    for scaler in [0, -1, -2, -3] as [Int8] {
      if range.contains(value / divisor) { return scaler }
      divisor *= 10
    }
    return nil
  }
}

/// Makers of meters that send numbers without a decimal point. Each has its own habit.
package enum DLMSMaker: UInt8, Sendable, BitwiseCopyable, CaseIterable {
  case kaifa, kamstrup, landisGyr, landisGyrE570, iskraemeco, aidon, sagemcom

  /// As `profile:` in the configuration names it.
  package var name: String {
    switch self {
    case .kaifa: "kaifa"
    case .kamstrup: "kamstrup"
    case .landisGyr: "landis_gyr"
    case .landisGyrE570: "landis_gyr_e570"
    case .iskraemeco: "iskraemeco"
    case .aidon: "aidon"
    case .sagemcom: "sagemcom"
    }
  }

  /// Nil for an unknown name.
  package init?(name: String) {
    guard let maker = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = maker
  }

  /// Three letters of the FLAG association.
  private var letters: StaticString {
    switch self {
    case .kaifa: "KFM"
    case .kamstrup: "KAM"
    case .landisGyr, .landisGyrE570: "LGZ"
    case .iskraemeco: "ISK"
    case .aidon: "ADN"
    case .sagemcom: "SAG"
    }
  }

  /// The letters, packed as in `MeterIdentity`.
  var manufacturer: UInt16 { Self.packed[Int(rawValue)] }

  private static let packed: [UInt16] = allCases.map { maker in
    let letters = Array(maker.letters.description.utf8)
    return MeterIdentity.manufacturer(letters[0], letters[1], letters[2]) ?? 0
  }

  /// The maker with these packed letters. Only a profile tells an E570 from other meters of its maker.
  init?(manufacturer: UInt16) {
    guard let index = Self.packed.firstIndex(of: manufacturer), manufacturer != 0 else { return nil }
    self = Self.allCases[index]
  }

  /// The power of ten of a quantity if the telegram lacks it; nil if unknown.
  func scaler(_ quantity: DLMSQuantity) -> Int8? {
    switch quantity {
    case .energy, .reactiveEnergy, .apparentEnergy: self == .kamstrup ? 1 : 0
    case .power, .reactivePower, .apparentPower: 0
    case .current:
      switch self {
      case .kaifa: -3
      case .kamstrup, .landisGyr, .iskraemeco: -2
      case .landisGyrE570: 0
      case .aidon, .sagemcom: nil
      }
    case .voltage:
      switch self {
      case .kaifa, .iskraemeco: -1
      case .kamstrup, .landisGyr, .landisGyrE570: 0
      case .aidon, .sagemcom: nil
      }
    case .powerFactor:
      switch self {
      case .kamstrup: -2
      case .landisGyr, .landisGyrE570, .iskraemeco: -3
      case .kaifa, .aidon, .sagemcom: nil
      }
    case .phaseAngle: self == .landisGyr ? 0 : nil
    case .frequency, .volume: nil
    }
  }
}

/// The decimals of one telegram's registers, if the telegram lacks them.
struct DLMSScaling {
  private let configured: [DLMSQuantity: Int8]
  private let maker: DLMSMaker?
  private let largestVoltage: UInt64

  init(_ configured: [DLMSQuantity: Int8], maker: DLMSMaker?, largestVoltage: UInt64) {
    self.configured = configured
    self.maker = maker
    self.largestVoltage = largestVoltage
  }

  /// The configured power of ten.
  func configured(_ quantity: DLMSQuantity) -> Int8? { configured.isEmpty ? nil : configured[quantity] }

  /// The power of ten by the size of the value or by the maker's habit; nil if unknown.
  func assumed(_ quantity: DLMSQuantity, _ value: UInt64) -> Int8? {
    let largest = quantity == .voltage ? largestVoltage : value
    if let scaler = quantity.scaler(byLargest: largest) { return scaler }
    if let maker { return maker.scaler(quantity) }
    switch quantity {
    case .energy, .reactiveEnergy, .apparentEnergy, .power, .reactivePower, .apparentPower: return 0
    default: return value == 0 ? 0 : nil
    }
  }
}
