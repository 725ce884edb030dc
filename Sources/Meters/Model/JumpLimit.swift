internal import Base
internal import Decoders

/// How far an energy register can rise in a time: the power of the connection times the time.
struct JumpLimit: Equatable, Sendable {
  /// Watts; for reactive and apparent energies var and VA.
  var power: FixedDecimal

  /// Houses and most workshops never reach it.
  static let usual = JumpLimit(power: FixedDecimal(100_000))

  /// The shortest time that counts. Some registers fall behind for a while and then catch up in one telegram.
  static let shortest = Milliseconds.minutes(15)

  /// Whether it limits registers of this unit.
  static func isFor(_ unit: Unit) -> Bool {
    switch unit.dimension {
    case .energy, .reactiveEnergy, .apparentEnergy: true
    default: false
    }
  }

  /// Whether a register may rise so far in this time. A register that is not an energy always may.
  func allows(_ rise: FixedDecimal, _ unit: Unit, in time: Milliseconds) -> Bool {
    let base: (unit: Unit, millisecondsOfPower: Int64)
    switch unit.dimension {
    case .energy: base = (.joule, 1000)
    case .reactiveEnergy: base = (.varHour, 3_600_000)
    case .apparentEnergy: base = (.voltAmpereHour, 3_600_000)
    default: return true
    }
    // A rise beyond 64 bits is beyond any limit. A limit beyond 64 bits allows everything.
    guard let risen = rise.converted(from: unit, to: base.unit)?.multiplied(by: FixedDecimal(base.millisecondsOfPower))
    else { return false }
    guard let allowed = power.multiplied(by: FixedDecimal(time.count)) else { return true }
    return !allowed.isBelow(risen)
  }
}
