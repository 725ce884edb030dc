package import Base

/// Finds the line settings of a meter that pushes, unless they are configured.
///
/// Meters of one protocol use one of a few settings. With the wrong one, the program finds only rejected bytes.
package struct LineSearch: Sendable {
  /// The settings to use now.
  package private(set) var line: LineSettings
  private var others: [LineSettings]
  private var rejected = 0
  private var pieces = 0
  /// Changes until each setting was tried once.
  private var changesOfRound: Int
  private var changedAt = Instant.past
  private var toldAt: Instant?

  /// A few pieces do not count: the first may be the rest of a telegram that began before the port was opened.
  private static let enough = 4
  /// After the first round no setting is left sooner: a meter that comes back may send every ten seconds.
  private static let patience = Milliseconds.minutes(1)
  private static let reminder = Milliseconds.minutes(24 * 60)

  /// - Parameters:
  ///   - line: the first settings to try.
  ///   - others: the next settings, in order.
  package init(_ line: LineSettings, others: [LineSettings]) {
    self.line = line
    self.others = others
    changesOfRound = others.count
  }

  /// A frame was found, so these settings are right.
  package mutating func found() { others = [] }

  /// Bytes are what a meter sends, although they give no telegram: the settings are right for as long as such bytes come.
  package mutating func fits() {
    rejected = 0
    pieces = 0
  }

  /// Counts rejected bytes.
  ///
  /// - Returns: whether `line` has changed.
  package mutating func missed(_ count: Int, now: Instant) -> Bool {
    guard !others.isEmpty else { return false }
    rejected += count
    pieces += 1
    guard rejected >= Limits.rejectedOnWrongLine, pieces >= Self.enough else { return false }
    guard changesOfRound > 0 || now >= changedAt + Self.patience else { return false }
    fits()
    changesOfRound = max(0, changesOfRound - 1)
    changedAt = now
    others.append(line)
    line = others.removeFirst()
    return true
  }

  /// The sentence about the search, once when it begins and then once a day; nil in between.
  package mutating func notice(now: Instant) -> String? {
    if let toldAt, now < toldAt + Self.reminder { return nil }
    toldAt = now
    let settings = ([line] + others).map(\.description).joined(separator: " and ")
    return "no telegram is recognised; trying the line settings \(settings) in turn. If it stays so, check the cable"
  }
}
