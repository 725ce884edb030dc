internal import Base

/// Finds the line settings of a meter that pushes, where none are configured: meters of one protocol use one of a few,
/// and with the wrong one nothing they send is a frame.
package struct LineSearch: Sendable {
  /// The settings to use now.
  package private(set) var line: LineSettings
  private var others: [LineSettings]
  private var rejected = 0
  private var pieces = 0

  /// One rejected piece is only the rest of a telegram that was under way when the port was opened.
  private static let enough = 4

  /// - Parameters:
  ///   - line: The first to try.
  ///   - others: The next ones, in order.
  package init(_ line: LineSettings, others: [LineSettings]) {
    self.line = line
    self.others = others
  }

  /// A frame was found: these settings are the right ones.
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
