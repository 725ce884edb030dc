/// The errors of a line in exchanges whose answer was certain to come.
///
/// A scan takes silence for an empty address. How often it must ask there again follows from how often an answer was lost
/// that had to come.
struct LineErrors: Equatable, Sendable {
  private var whole = 0
  private var lost = 0
  private var damaged = 0
  /// Bytes of the exchanges, both ways.
  private var bytes = 0

  /// From so many exchanges without an error on, a line is believed to be good.
  private static let enough = 30
  /// The probability with which a scan may miss a meter.
  private static let risk = 0.002
  /// Bytes of a selection and its acknowledgement.
  static let selection = 18
  private static let mostPasses = 5

  mutating func wasWhole(_ count: Int) {
    whole += 1
    bytes += count
  }

  mutating func wasDamaged(_ count: Int) {
    damaged += 1
    bytes += count
  }

  mutating func wasLost() { lost += 1 }

  var areNone: Bool { lost + damaged == 0 }

  /// Exchanges without an error that are still needed to believe that the line is good.
  var missing: Int { max(0, Self.enough - whole) }

  /// How often a silent address is asked in all.
  ///
  /// - Parameter meters: how many were found. Each of them could have been missed.
  /// - Returns: 1 for a line without errors; 2 if that is not yet known.
  func passes(for meters: Int) -> Int {
    if areNone { return whole >= Self.enough ? 1 : 2 }
    let lossRate = Double(lost) / Double(whole + lost + damaged)
    let changeRate = Double(damaged) / Double(max(1, bytes))
    let chance = min(0.9, lossRate + changeRate * Double(Self.selection))
    var passes = 1
    var missed = chance * Double(max(1, meters))
    while missed > Self.risk, passes < Self.mostPasses {
      missed *= chance
      passes += 1
    }
    return max(2, passes)
  }
}
