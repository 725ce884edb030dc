package import Decoders

/// One hour of Home Assistant's long-term statistics of a counter.
package struct StatisticsRow: Hashable, Sendable {
  /// Hours since 1970 UTC.
  package var hour: Int64
  /// The register at the end of the hour.
  package var state: StatisticsNumber
  /// What was counted since Home Assistant knows the sensor.
  package var sum: StatisticsNumber

  package init(hour: Int64, state: StatisticsNumber, sum: StatisticsNumber) {
    self.hour = hour
    self.state = state
    self.sum = sum
  }

  /// Whether both say the same, but for rounding.
  func isSame(as other: StatisticsRow) -> Bool {
    hour == other.hour && (state - other.state).magnitude <= .noise && (sum - other.sum).magnitude <= .noise
  }
}

/// Why hours are left as they are.
package enum RepairObstacle: Error, Equatable, Sendable {
  /// The row of the hour in which the values came back is not there yet.
  case noReturnRow
  /// Home Assistant has no row before the outage.
  case noReference
  /// The ledger has no register for the end of this hour.
  case noRegister(hour: Int64)
  /// Home Assistant has another register than the ledger.
  case otherState(hour: Int64, home: StatisticsNumber, ledger: StatisticsNumber)
  /// The sum of Home Assistant is not what the meter counted, and neither a purge nor an exchanged meter explains it.
  case unexplainedSum(StatisticsNumber)
  /// The new meter did not begin at 0, so nobody knows what it counted.
  case usedMeter(hour: Int64)
  /// The sums would fall, or leave the bounds of the rows around them.
  case notMonotonic(hour: Int64)
}

/// What is to be written into the statistics of one counter, so that each hour has what was counted in it.
///
/// Sums behind an outage hold the jump already: with the missing hours in front of it the jump shrinks by itself, and later
/// hours stay as they are.
package struct RepairPlan: Equatable, Sendable {
  /// The last row before the outage.
  package var reference: StatisticsRow
  /// The row of the hour in which the values came back.
  package var returning: StatisticsRow
  /// To add to all sums from `returning` on. Nil: the sum goes on as the meter counted.
  package var adjustment: StatisticsNumber?
  /// The rows to write, all of hours between both.
  package var rows: [StatisticsRow] = []
  /// Hours between both of which there is neither a row nor a register.
  package var missing: [Int64] = []

  /// - Parameters:
  ///   - ledger: the hours of the counter in order, in the unit of the statistics.
  ///   - statistics: Home Assistant's rows in order, from before the outage to behind it.
  ///   - firstHour: the first damaged hour.
  ///   - returnHour: the hour in which the values came back, or later.
  ///   - slack: how far states may differ beside one `min_interval`: the dead band of the field.
  /// - Throws: why the hours are left as they are.
  package init(
    _ ledger: [LedgerHour], _ statistics: [StatisticsRow], firstHour: Int64, returnHour: Int64,
    slack: StatisticsNumber = .zero
  ) throws(RepairObstacle) {
    guard let reference = statistics.last(where: { $0.hour < firstHour }) else { throw .noReference }
    // A clock that was set back may name a return before the outage.
    guard let returning = statistics.first(where: { $0.hour >= max(firstHour, returnHour) }) else { throw .noReturnRow }
    self.reference = reference
    self.returning = returning
    let tolerance = try Self.agree(reference, ledger, slack) + Self.agree(returning, ledger, slack)
    var count = Consumption(last: reference.state, tolerance: tolerance, mayFall: returning.state < reference.state)
    for hour in ledger where hour.hour > reference.hour && hour.hour < returning.hour {
      try count.take(hour, at: hour.hour, register: hour.value)
      if !hour.isHeld {
        rows.append(StatisticsRow(hour: hour.hour, state: hour.value, sum: reference.sum + count.counted))
      }
    }
    try count.take(ledger.first { $0.hour == returning.hour }, at: returning.hour, register: returning.state)
    adjustment = try count.adjustment(from: reference, to: returning)
    let between = statistics.filter { $0.hour > reference.hour && $0.hour < returning.hour }
    fillInvented(between)
    lower(to: returning.sum + (adjustment ?? .zero), tolerance)
    let known = Set((between + rows).map(\.hour))
    missing = (reference.hour + 1..<returning.hour).filter { !known.contains($0) }
    dropRight(between, ledger, slack)
    if !isDone { try checkOrder(between) }
  }

  /// Whether nothing needs to be written.
  package var isDone: Bool { adjustment == nil && rows.isEmpty }

  /// Compares a row with the register at the end of its hour; returns how far they may differ.
  private static func agree(
    _ row: StatisticsRow, _ ledger: [LedgerHour], _ slack: StatisticsNumber
  ) throws(RepairObstacle) -> StatisticsNumber {
    guard let register = ledger.last(where: { $0.hour <= row.hour }) else { throw .noRegister(hour: row.hour) }
    let tolerance = slack + register.tolerance
    guard (row.state - register.value).magnitude <= tolerance else {
      throw .otherState(hour: row.hour, home: row.state, ledger: register.value)
    }
    return tolerance
  }

  /// While Home Assistant was down it invented rows. Those of hours without a register would fall below the written ones, so
  /// they get the last register before them. Others stay: it may have seen what a bridge that was killed could not note.
  private mutating func fillInvented(_ between: [StatisticsRow]) {
    for row in between where !rows.contains(where: { $0.hour == row.hour }) {
      guard let place = rows.lastIndex(where: { $0.hour < row.hour }) else { continue }
      let before = rows[place]
      guard row.sum + .noise < before.sum else { continue }
      rows.insert(StatisticsRow(hour: row.hour, state: before.state, sum: before.sum), at: place + 1)
    }
  }

  /// Home Assistant may lack the last step of the register in the return hour. An hour before it must not be above it.
  private mutating func lower(to end: StatisticsNumber, _ tolerance: StatisticsNumber) {
    for place in rows.indices {
      let excess = rows[place].sum - end
      guard excess > .zero, excess <= tolerance else { continue }
      rows[place].state = rows[place].state - excess
      rows[place].sum = end
    }
  }

  /// No hour may have a negative change: neither one that is written nor one that stands beside it.
  private func checkOrder(_ between: [StatisticsRow]) throws(RepairObstacle) {
    let standing = between.filter { row in !rows.contains { $0.hour == row.hour } }
    var last = reference.sum
    for row in (rows + standing).sorted(by: { $0.hour < $1.hour }) {
      guard row.sum + .noise >= last else { throw .notMonotonic(hour: row.hour) }
      last = row.sum
    }
    if returning.sum + (adjustment ?? .zero) + .noise < last { throw .notMonotonic(hour: returning.hour) }
  }

  /// Rows that are right already stay as Home Assistant made them.
  private mutating func dropRight(_ between: [StatisticsRow], _ ledger: [LedgerHour], _ slack: StatisticsNumber) {
    rows.removeAll { row in
      guard let stands = between.first(where: { $0.hour == row.hour }) else { return false }
      let tolerance = slack + (ledger.first { $0.hour == row.hour }?.tolerance ?? .zero)
      let drift = (stands.sum - row.sum) - (stands.state - row.state)
      return (stands.state - row.state).magnitude <= tolerance && drift.magnitude <= .noise
    }
  }
}

/// An hour of the ledger in the unit of the statistics.
package struct LedgerHour: Hashable, Sendable {
  package var hour: Int64
  package var value: StatisticsNumber
  /// What the meter counted in the last `min_interval` of the hour. Home Assistant may not have it.
  package var tolerance: StatisticsNumber
  /// The last register of the meter that was exchanged in this hour.
  package var rest: StatisticsNumber?
  package var isHeld = false

  package init(
    hour: Int64, value: StatisticsNumber, tolerance: StatisticsNumber = .noise, rest: StatisticsNumber? = nil,
    isHeld: Bool = false
  ) {
    self.hour = hour
    self.value = value
    self.tolerance = tolerance
    self.rest = rest
    self.isHeld = isHeld
  }

  /// Nil if the unit does not convert.
  package init?(_ row: HourRow, in unit: Unit) {
    guard let value = row.value.converted(from: row.unit, to: unit).flatMap({ StatisticsNumber($0) }),
      let before = row.before.converted(from: row.unit, to: unit).flatMap({ StatisticsNumber($0) })
    else { return nil }
    // The clocks of both differ, so that the last step of the register may be on either side of the hour.
    let step = FixedDecimal(1, exponent: -3).converted(from: row.unit, to: unit).flatMap { StatisticsNumber($0) }
    // A factor that is no power of ten is rounded, by us and by Home Assistant.
    let isRounded = row.unit != unit && FixedDecimal(1).converted(from: row.unit, to: unit)?.mantissa != 1
    self.init(
      hour: row.hour, value: value,
      tolerance: max(value - before, .zero) + max(step ?? .zero, isRounded ? .thousandth : .noise),
      rest: row.rest?.converted(from: row.unit, to: unit).flatMap { StatisticsNumber($0) }, isHeld: row.isHeld)
  }
}

/// What a counter counted, over an exchange of the meter.
private struct Consumption {
  var last: StatisticsNumber
  let tolerance: StatisticsNumber
  /// Whether Home Assistant has seen a lower register too.
  let mayFall: Bool
  var counted = StatisticsNumber.zero
  /// What old meters counted that Home Assistant may not know.
  var rests: StatisticsNumber?

  /// Takes the register at the end of an hour.
  mutating func take(
    _ entry: LedgerHour?, at hour: Int64, register: StatisticsNumber
  ) throws(RepairObstacle) {
    if let rest = entry?.rest {
      guard register < rest else { throw .usedMeter(hour: hour) }
      exchange(old: max(.zero, rest - last), register)
    } else if register < last - tolerance {
      // The meter was exchanged while the bridge was away: the last register of the old one is that of the hour before.
      guard mayFall else { throw .notMonotonic(hour: hour) }
      exchange(old: .zero, register)
    } else {
      counted = counted + (register - last)
    }
    last = register
  }

  private mutating func exchange(old: StatisticsNumber, _ register: StatisticsNumber) {
    rests = counted + old
    counted = counted + old + register
  }

  /// What is to be added to Home Assistant's sums behind the outage; nil if nothing is.
  ///
  /// - Throws: that nothing known explains the difference.
  func adjustment(
    from reference: StatisticsRow, to returning: StatisticsRow
  ) throws(RepairObstacle) -> StatisticsNumber? {
    let gap = returning.sum - reference.sum - counted
    if gap.magnitude <= tolerance { return nil }
    // After a purge the sum begins again with what was counted since the last state that Home Assistant had.
    let restart = counted + tolerance
    let isPurge =
      gap < .zero && returning.sum <= restart
      && (returning.sum < reference.sum || (returning.sum - counted).magnitude <= tolerance)
    let isExchange = rests.map { gap < .zero && gap.magnitude <= $0 + tolerance } ?? false
    guard isPurge || isExchange else { throw .unexplainedSum(gap) }
    return .zero - gap
  }
}
