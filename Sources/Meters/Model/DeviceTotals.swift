/// The totals of one meter or sub-meter, as the state file keeps them.
package struct DeviceTotals: Equatable, Sendable {
  /// The meter's own number; nil if it does not have one.
  package var number: MeterNumber?
  /// The numbers of meters that were exchanged for it, oldest first.
  package var formerNumbers: [String] = []
  /// The registers, by the last level of their topics.
  package var totals: RegisterTable<String> = [:]

  package init(number: MeterNumber? = nil, formerNumbers: [String] = [], totals: RegisterTable<String> = [:]) {
    self.number = number
    self.formerNumbers = formerNumbers
    self.totals = totals
  }
}
