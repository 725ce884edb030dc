internal import Base

/// Finds the line settings of a meter that pushes, unless they are configured.
///
/// Meters of one protocol use one of a few settings. With the wrong one, the program finds only rejected bytes.
package struct LineSearch: Sendable {
  /// The settings to use now.
  package private(set) var line: LineSettings
  private var others: [LineSettings]
  private var rejected = 0
  private var pieces = 0

  /// A few pieces do not count: the first may be the rest of a telegram that began before the port was opened.
  private static let enough = 4

  /// - Parameters:
  ///   - line: the first settings to try.
  ///   - others: the next settings, in order.
  package init(_ line: LineSettings, others: [LineSettings]) {
    self.line = line
    self.others = others
  }

  /// A frame was found, so these settings are right.
  package mutating func found() { others = [] }

  /// Counts rejected bytes.
  ///
  /// - Returns: whether `line` has changed.
  package mutating func missed(_ count: Int) -> Bool {
    guard !others.isEmpty else { return false }
    rejected += count
    pieces += 1
    guard rejected >= Limits.rejectedOnWrongLine, pieces >= Self.enough else { return false }
    rejected = 0
    pieces = 0
    others.append(line)
    line = others.removeFirst()
    return true
  }
}
