internal import Decoders

/// How well the meter is received. A scan measures it before there is a session, so it outlives the phases.
struct SKSTACKSignal: Sendable {
  /// The guideline for B-routes asks for as much, in hundredths of dBm.
  private static let weakest: Int64 = -8800
  /// A weak signal must become clearly better, or every reading would tell a change.
  private static let goodAgain: Int64 = -8600

  private(set) var strength: FixedDecimal?
  private var isWeak = false

  /// False as long as it is unknown.
  var isGood: Bool { strength != nil && !isWeak }

  mutating func measured(_ strength: FixedDecimal) -> [DialogueNews] {
    self.strength = strength
    let wasWeak = isWeak
    isWeak = strength.mantissa < (wasWeak ? Self.goodAgain : Self.weakest)
    let measured = DialogueNews.signalStrength(meter: 0, strength)
    return isWeak == wasWeak ? [measured] : [measured, .signalWeakness(meter: 0, strength, isWeak: isWeak)]
  }
}
