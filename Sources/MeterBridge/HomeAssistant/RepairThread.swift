internal import Base
internal import Glibc
internal import Platform
internal import Publishing

/// Repairs the statistics of Home Assistant on a thread of its own, which starts with the first outage.
final class RepairThread: Sendable {
  /// For the meter loop.
  struct Status: Sendable {
    var isBusy = false
    /// The result of the last try.
    var finished: (span: DamagedSpan, isDone: Bool)?
    /// Hours that were put back since the start.
    var hours = 0
    /// Sums that were corrected since the start.
    var corrections = 0
    /// Why the last try failed.
    var trouble: String?
  }

  let status = Shared(Status())
  private let settings: HomeAssistantSettings
  private let address: HomeAssistantAddress
  private let folder: Folder
  /// After a token that is not valid, every further try would look like an attack.
  private let isShutOut = Shared(false)
  private let told = Shared<Set<String>>([])
  private static let mostTold = 1024

  /// Nil if nothing is to be repaired.
  init?(_ settings: HomeAssistantSettings, in folder: Folder) {
    guard settings.repair != .off, settings.token != nil, let url = settings.url,
      let address = HomeAssistantAddress(url)
    else { return nil }
    self.settings = settings
    self.address = address
    self.folder = folder
  }

  /// Begins to repair a span; false if the last one is not done yet, or if no try is worth it.
  func repair(_ span: DamagedSpan, _ deadBands: [StatisticsRepair.DeadBand]) -> Bool {
    guard !isShutOut.current, !status.current.isBusy else { return false }
    status.change { $0.isBusy = true }
    let isStarted = Thread.start { [self] in
      let isDone = work(span, deadBands)
      status.change {
        $0.isBusy = false
        $0.finished = (span, isDone)
      }
    }
    if !isStarted { status.change { $0.isBusy = false } }
    return isStarted
  }

  /// The result of a try, once.
  func takeFinished() -> (span: DamagedSpan, isDone: Bool)? {
    status.change { status in
      defer { status.finished = nil }
      return status.finished
    }
  }

  private func work(_ span: DamagedSpan, _ deadBands: [StatisticsRepair.DeadBand]) -> Bool {
    var order = StatisticsRepair.Order(
      nodeID: settings.nodeID, firstHour: span.firstHour, returnHour: span.returnHour,
      isDry: settings.repair == .dryRun)
    order.deadBands = deadBands
    var isDone = true
    do throws(RepairRun.Failure) {
      try RepairRun(settings: settings, address: address, folder: folder).run(order) { finding in
        isDone = take(finding) && isDone
      }
      status.change { $0.trouble = nil }
      return isDone
    } catch {
      if error.isShutOut { isShutOut.change { $0 = true } }
      status.change { $0.trouble = error.words }
      warn("the hours of Home Assistant cannot be repaired at \(address.shown): \(error.words)")
      return false
    }
  }

  /// Logs a finding; false if another try may find more.
  private func take(_ finding: StatisticsRepair.Finding) -> Bool {
    if let obstacle = finding.obstacle {
      if obstacle == .noReturnRow || obstacle == .noReference {
        Log.write(.info, "\(finding.title): \(obstacle.words)")
      } else {
        warn("\(finding.title): \(obstacle.words)")
      }
      return !obstacle.isTemporary
    }
    guard !finding.isDifferent, finding.refusal == nil else {
      warn("\(finding.title): \(finding.words)")
      return false
    }
    if finding.isWritten, let plan = finding.plan {
      status.change {
        $0.hours += plan.rows.count
        $0.corrections += plan.adjustment == nil ? 0 : 1
      }
    }
    let isNews = finding.isWritten || finding.plan?.isDone == false || finding.plan?.missing.isEmpty == false
    Log.write(isNews ? .notice : .info, "\(finding.title): \(finding.words)")
    if settings.repair == .dryRun { for line in finding.table { Log.write(.notice, "  " + line) } }
    return true
  }

  /// Tries repeat each hour, their warnings do not.
  private func warn(_ text: String) {
    let isNew = told.change { texts in
      if texts.count >= Self.mostTold { texts = [] }
      return texts.insert(text).inserted
    }
    if isNew { Log.write(.warning, text) }
  }
}
