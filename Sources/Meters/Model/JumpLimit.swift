internal import Base
internal import Decoders

/// How far an energy register can rise in a time: what a connection can carry, times the time.
struct JumpLimit: Equatable, Sendable {
  /// Watts; of reactive and apparent energies var and VA.
  var power: FixedDecimal

  /// What a house and most workshops never reach.
  static let usual = JumpLimit(power: FixedDecimal(100_000))

  /// Telegrams that come fast may still bring what the register has kept back for a while.
  static let shortest = Milliseconds.minutes(15)

  /// Whether a register may rise so far in this time. Registers of anything but energy may always.
  func allows(_ rise: FixedDecimal, _ unit: Unit, in time: Milliseconds) -> Bool {
    let base: (unit: Unit, millisecondsOfPower: Int64)
    switch unit.dimension {
    case .energy: base = (.joule, 1000)
    case .reactiveEnergy: base = (.varHour, 3_600_000)
    case .apparentEnergy: base = (.voltAmpereHour, 3_600_000)
    default: return true
    }
    // What is beyond 64 bits is beyond any limit, and a limit beyond them is none.
    guard let risen = rise.converted(from: unit, to: base.unit)?.multiplied(by: FixedDecimal(base.millisecondsOfPower))
    else { return false }
    guard let allowed = power.multiplied(by: FixedDecimal(time.count)) else { return true }
    return !allowed.isBelow(risen)
  }
}
