/// What is remembered of the totals of one meter or sub-meter.
package struct DeviceTotals: Equatable, Sendable {
  /// The meter's own number; nil where it has none.
  package var serial: String?
  /// Those that it had before, oldest first.
  package var formerSerials: [String] = []
  /// By the last level of their topics.
  package var totals: [String: GuardedTotal] = [:]

  package init(serial: String? = nil, formerSerials: [String] = [], totals: [String: GuardedTotal] = [:]) {
    self.serial = serial
    self.formerSerials = formerSerials
    self.totals = totals
  }
}
