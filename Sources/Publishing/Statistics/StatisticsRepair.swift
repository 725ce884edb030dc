package import Base
package import Decoders
internal import Meters

/// Puts the hours of an outage back into Home Assistant, counter by counter.
///
/// Repeating is harmless: what is right already stays, and a correction of a sum is noted before it is sent.
package struct StatisticsRepair {
  /// What to repair.
  package struct Order: Sendable {
    /// The start of all unique ids.
    package var nodeID: String
    /// The first damaged hour. Without a return hour it may be older than the ledger.
    package var firstHour: Int64
    /// The hour in which the values came back; nil for the newest one.
    package var returnHour: Int64?
    /// Whether the plan is only told.
    package var isDry: Bool
    package var deadBands: [DeadBand] = []

    package init(nodeID: String, firstHour: Int64, returnHour: Int64?, isDry: Bool) {
      self.nodeID = nodeID
      self.firstHour = firstHour
      self.returnHour = returnHour
      self.isDry = isDry
    }
  }

  /// The dead band of a field: values within it may be missing in Home Assistant.
  package struct DeadBand: Sendable {
    /// The id of the meter. Meters behind it have its dead bands too.
    package var meter: String
    /// The name of the field, which all its tariffs and conductors share.
    package var name: String
    /// In the unit that is published.
    package var width: FixedDecimal

    package init(meter: String, name: String, width: FixedDecimal) {
      self.meter = meter
      self.name = name
      self.width = width
    }

    fileprivate func isOf(_ row: HourRow) -> Bool {
      (row.device == meter || SubmeterNames.isSubmeter(row.device, of: meter))
        && (row.level == name || row.level.hasPrefix(name + "_"))
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
    /// Why Home Assistant does not take what is asked for this counter.
    package var refusal: HomeAssistantTrouble?
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
      // Names of meters and fields may join to the same id: then nobody knows whose hours those of the entity are.
      guard hours.count == rows.count, let last = rows.last, rows.allSatisfy({ $0.device == last.device }) else {
        continue
      }
      var counter = Counter(
        metadata: metadata, hours: hours, slack: slack(of: last, in: unit),
        finding: Finding(device: last.device, level: last.level, statistic: entity, unit: metadata.unitSymbol))
      do throws(HomeAssistantTrouble) { try repair(&counter, &link) } catch {
        // What is refused for one counter may be taken for the next. Without an administrator's rights nothing is.
        guard case .refused(_, let code, _) = error, code != "unauthorized" else { throw error }
        counter.finding.refusal = error
      }
      tell(counter.finding)
    }
  }

  private func slack(of row: HourRow, in unit: Unit) -> StatisticsNumber {
    order.deadBands.filter { $0.isOf(row) }
      .compactMap { $0.width.converted(from: row.unit, to: unit).flatMap { StatisticsNumber($0) } }.max() ?? .zero
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
    var stands = try rows(of: metadata, since, &link)
    counter.finding.stands = stands
    guard var plan = makePlan(&counter, stands) else { return }
    counter.finding.plan = plan
    if order.isDry || plan.isDone { return intents.end(plan.adjustment == nil ? metadata.id : nil) }
    if let adjustment = plan.adjustment {
      guard try correct(metadata, plan.returning, by: adjustment, &link) else {
        return counter.finding.isDifferent = true
      }
      stands = try rows(of: metadata, since, &link)
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

  /// The rows of hours that are over. Rows of later hours are not Home Assistant's own, and say nothing about what it has
  /// compiled.
  private func rows(
    of metadata: StatisticsMetadata, _ since: Int64, _ link: inout any HomeAssistantLink
  ) throws(HomeAssistantTrouble) -> [StatisticsRow] {
    let now = now().hour
    return try link.rows(of: metadata, since: since).filter { $0.hour >= since && $0.hour < now }
  }

  private func makePlan(_ counter: inout Counter, _ stands: [StatisticsRow]) -> RepairPlan? {
    var firstHour = order.firstHour
    if order.returnHour == nil {
      // What lies before the ledger, or before Home Assistant knew the counter, cannot be looked at.
      guard let first = counter.hours.first, let other = stands.first, stands.count > 1 else {
        counter.finding.obstacle = .noReference
        return nil
      }
      firstHour = max(firstHour, first.hour + 1, other.hour + 1)
    }
    do throws(RepairObstacle) {
      return try RepairPlan(
        counter.hours, stands, firstHour: firstHour,
        returnHour: order.returnHour ?? stands.last.map(\.hour) ?? firstHour, slack: counter.slack)
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
      if try link.isBusy() { return false }
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
      if isSeen(try rows(of: metadata, since, &link)) { return true }
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
