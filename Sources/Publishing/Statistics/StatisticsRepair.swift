package import Base
package import Decoders

/// Puts the hours of an outage back into Home Assistant, counter by counter.
///
/// Repeating is harmless: what is right already stays, and a correction of a sum is noted before it is sent.
package struct StatisticsRepair {
  /// What to repair.
  package struct Order: Sendable {
    /// The start of all unique ids.
    package var nodeID: String
    /// The first damaged hour.
    package var firstHour: Int64
    /// The hour in which the values came back; nil for the newest one.
    package var returnHour: Int64?
    /// Whether the plan is only told.
    package var isDry: Bool
    /// Dead bands in published units, by device and level.
    package var slack: [String: FixedDecimal] = [:]

    package init(nodeID: String, firstHour: Int64, returnHour: Int64?, isDry: Bool) {
      self.nodeID = nodeID
      self.firstHour = firstHour
      self.returnHour = returnHour
      self.isDry = isDry
    }
  }

  /// A line about one counter.
  package struct Finding: Sendable {
    package var device: String
    package var level: String
    /// The entity.
    package var statistic: String
    package var unit: String
    package var plan: RepairPlan?
    package var obstacle: RepairObstacle?
    /// Home Assistant's rows before the repair.
    package var stands: [StatisticsRow] = []
    /// Whether the rows were written, and read back as they were written.
    package var isWritten = false
    /// Whether rows or sums did not come out as planned.
    package var isDifferent = false
  }

  package let order: Order
  private let intents: any AdjustmentIntents
  private let now: () -> WallTime

  package init(_ order: Order, intents: any AdjustmentIntents, now: @escaping () -> WallTime) {
    self.order = order
    self.intents = intents
    self.now = now
  }

  /// Repairs all counters of a ledger.
  ///
  /// - Parameters:
  ///   - ledger: rows of all counters, in order of their hours.
  ///   - link: to Home Assistant.
  ///   - tell: takes a finding as soon as it is made. Counters that Home Assistant does not record have none.
  /// - Throws: if Home Assistant cannot be asked. Findings before it stand.
  package func run(
    _ ledger: [HourRow], _ link: inout any HomeAssistantLink, _ tell: (Finding) -> Void
  ) throws(HomeAssistantTrouble) {
    let entities = try link.entities()
    var counters: [String: [HourRow]] = [:]
    for row in ledger where row.isIncreasing { counters["\(row.device)_\(row.level)", default: []].append(row) }
    for (unique, rows) in counters.sorted(by: { $0.key < $1.key }) {
      guard let entity = entities["\(order.nodeID)_\(unique)"], let metadata = try link.metadata(of: entity),
        let unit = metadata.unit
      else { continue }
      let hours = rows.compactMap { LedgerHour($0, in: unit) }
      guard hours.count == rows.count, let first = rows.first, let last = rows.last else { continue }
      var counter = Counter(
        metadata: metadata, hours: hours,
        slack: order.slack[unique]?.converted(from: last.unit, to: unit).flatMap { StatisticsNumber($0) } ?? .zero,
        finding: Finding(device: first.device, level: first.level, statistic: entity, unit: metadata.unitSymbol))
      try repair(&counter, &link)
      tell(counter.finding)
    }
  }

  private struct Counter {
    let metadata: StatisticsMetadata
    let hours: [LedgerHour]
    let slack: StatisticsNumber
    var finding: Finding
  }

  private func repair(_ counter: inout Counter, _ link: inout any HomeAssistantLink) throws(HomeAssistantTrouble) {
    let metadata = counter.metadata
    let since = min(order.firstHour, counter.hours.first?.hour ?? order.firstHour) - 1
    var stands = try link.rows(of: metadata, since: since)
    counter.finding.stands = stands
    guard var plan = makePlan(&counter, stands) else { return }
    counter.finding.plan = plan
    if order.isDry || plan.isDone { return intents.end(plan.adjustment == nil ? metadata.id : nil) }
    if let adjustment = plan.adjustment {
      guard try correct(metadata, plan.returning, by: adjustment, &link) else {
        return counter.finding.isDifferent = true
      }
      stands = try link.rows(of: metadata, since: since)
      guard let again = makePlan(&counter, stands), again.adjustment == nil else {
        return counter.finding.isDifferent = true
      }
      plan = again
    }
    intents.end(metadata.id)
    if !plan.rows.isEmpty {
      try link.write(plan.rows, of: metadata)
      let isRead = try wait(&link, metadata, since) { rows in
        let found = Dictionary(rows.map { ($0.hour, $0) }) { _, last in last }
        return (plan.rows + [plan.reference, plan.returning]).allSatisfy { found[$0.hour]?.isSame(as: $0) == true }
      }
      guard isRead else { return counter.finding.isDifferent = true }
    }
    counter.finding.isWritten = true
  }

  private func makePlan(_ counter: inout Counter, _ stands: [StatisticsRow]) -> RepairPlan? {
    do throws(RepairObstacle) {
      return try RepairPlan(
        counter.hours, stands, firstHour: order.firstHour,
        returnHour: order.returnHour ?? max(order.firstHour, stands.last?.hour ?? order.firstHour),
        slack: counter.slack)
    } catch {
      counter.finding.obstacle = error
      return nil
    }
  }

  /// Corrects the sums from the return hour on, and waits until that is seen.
  ///
  /// - Returns: false if it is not seen. Then the next try reads the sum again before it does anything.
  private func correct(
    _ metadata: StatisticsMetadata, _ row: StatisticsRow, by adjustment: StatisticsNumber,
    _ link: inout any HomeAssistantLink
  ) throws(HomeAssistantTrouble) -> Bool {
    let wanted = row.sum + adjustment
    func isSeen(_ rows: [StatisticsRow]) -> Bool {
      rows.first { $0.hour == row.hour }.map { ($0.sum - wanted).magnitude <= .noise } ?? false
    }
    if intents.since(metadata.id) != nil {
      // The command of an earlier try may still wait in Home Assistant's queue.
      if try wait(&link, metadata, row.hour - 1, until: isSeen) { return true }
    }
    try intents.begin(metadata.id, at: now())
    try link.shift(metadata, from: row.hour, by: adjustment)
    return try wait(&link, metadata, row.hour - 1, until: isSeen)
  }

  /// Success means queued: rows can be read some time later.
  private func wait(
    _ link: inout any HomeAssistantLink, _ metadata: StatisticsMetadata, _ since: Int64,
    until isSeen: ([StatisticsRow]) -> Bool
  ) throws(HomeAssistantTrouble) -> Bool {
    var waited = Milliseconds(0)
    while true {
      if isSeen(try link.rows(of: metadata, since: since)) { return true }
      guard waited < Limits.rowsWritten else { return false }
      try link.pause(250)
      waited = Milliseconds(waited.count + 250)
    }
  }
}

/// The corrections of sums that were sent and not yet read back. They survive the end of the program.
package protocol AdjustmentIntents: Sendable {
  /// When a correction of a statistic was begun; nil if none is open.
  func since(_ statistic: String) -> WallTime?
  /// Notes one, on the disk before it returns.
  func begin(_ statistic: String, at now: WallTime) throws(HomeAssistantTrouble)
  /// The correction is read back, or needless; nil does nothing.
  func end(_ statistic: String?)
}
