/// Why a readout on an M-Bus failed.
package enum MBusFailure: Equatable, Sendable {
  /// Nothing came in at least one of the tries.
  case silence
  /// In each try bytes came, but not a good answer: several meters at once, or a bad line.
  case damage
  /// Other meters answered, or several. The rejected answers name them.
  case strangers
}

extension MBusFailure {
  /// What to do about it; nil where the rejected answers tell more. Where a meter of another kind than M-Bus stays silent,
  /// `advice` says what to look at.
  package func text(tries: Int, advice: String? = nil) -> String? {
    let tries = tries == 1 ? "one try" : "\(tries) tries"
    if self == .silence, let advice { return "no answer after \(tries): \(advice)" }
    return switch self {
    case .strangers: nil
    case .silence: "no answer after \(tries); check its address, the wiring and the line settings"
    case .damage:
      "only damaged answers in \(tries); do several meters answer at once? Then give each its secondary "
        + "address, the 8 digits printed on it. Else check the wiring and the line settings"
    }
  }
}
