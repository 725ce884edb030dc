internal import Decoders

/// The signal strength of the meter. A scan measures it before the session, so it outlives the phases.
struct SKSTACKSignal: Sendable {
  /// The minimum in the guideline for B-routes, in hundredths of dBm.
  private static let weakest: Int64 = -8800
  /// A weak signal must become clearly better to count as good. Otherwise every reading could tell a change.
  private static let goodAgain: Int64 = -8600

  private(set) var strength: FixedDecimal?
  private var isWeak = false

  /// False for an unknown signal.
  var isGood: Bool { strength != nil && !isWeak }

  mutating func measured(_ strength: FixedDecimal) -> [DialogueNews] {
    self.strength = strength
    let wasWeak = isWeak
    isWeak = strength.mantissa < (wasWeak ? Self.goodAgain : Self.weakest)
    let measured = DialogueNews.signalStrength(meter: 0, strength)
    return isWeak == wasWeak ? [measured] : [measured, .signalWeakness(meter: 0, strength, isWeak: isWeak)]
  }
}
