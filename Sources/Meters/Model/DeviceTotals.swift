/// The totals of one meter or sub-meter, as the state file keeps them.
package struct DeviceTotals: Equatable, Sendable {
  /// The meter's own number; nil if it does not have one.
  package var serial: String?
  /// The numbers before it, oldest first.
  package var formerSerials: [String] = []
  /// The registers, by the last level of their topics.
  package var totals: [String: GuardedTotal] = [:]

  package init(serial: String? = nil, formerSerials: [String] = [], totals: [String: GuardedTotal] = [:]) {
    self.serial = serial
    self.formerSerials = formerSerials
    self.totals = totals
  }
}
