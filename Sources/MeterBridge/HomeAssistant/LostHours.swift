internal import Base
internal import Decoders
internal import Meters
internal import Platform
internal import Publishing

/// The meter loop's part in the repair of lost hours: it notes registers and outages, and says when which hours are
/// repaired. Time is an argument.
struct LostHours {
  private var book = HourBook()
  /// By the ids of meters.
  private var margins: [String: Milliseconds] = [:]
  private var outages: Outages
  private var saved: Outages
  private let storage: Mailbox<StorageMessage>
  let folder: Folder
  /// Nil without `repair`.
  private let thread: RepairThread?
  private let repair: HomeAssistantSettings.Repair
  /// How late a lost broker may be noticed.
  private let notice: Milliseconds
  /// By how much the wall clock is ahead of the monotonic one.
  private var lead: Int64?

  /// `outages` are those of earlier runs, `lastAlive` is the time of the newest register in the ledger; nil for a first run.
  init(
    _ outages: Outages, lastAlive: WallTime?, storage: Mailbox<StorageMessage>, folder: Folder, thread: RepairThread?,
    _ settings: HomeAssistantSettings, keepAlive: Milliseconds, now: WallTime
  ) {
    self.outages = outages
    saved = outages
    self.storage = storage
    self.folder = folder
    self.thread = thread
    repair = settings.repair
    notice = max(Limits.outageNotice, Milliseconds(2 * keepAlive.count))
    self.outages.spans.begin(lastAlive: lastAlive, at: now)
  }

  mutating func take(_ publication: Publication) {
    let device = publication.device
    book.take(publication, margin: margins[device.parent ?? device.id] ?? Limits.hourMargin)
  }

  mutating func take(_ report: BrokerReport, at now: WallTime) {
    switch report {
    case .connected: outages.spans.find(.broker, at: now)
    case .disconnected: outages.spans.lose(.broker, at: now, notice: notice)
    case .homeAssistant(isOnline: true): outages.spans.find(.homeAssistant, at: now)
    case .homeAssistant(isOnline: false): outages.spans.lose(.homeAssistant, at: now)
    case .read, .accept, .refused, .retained, .settled, .stopped: break
    }
  }

  /// When `work` has something to do at the latest: at the end of the hour.
  func deadline(now: Instant, wall: WallTime) -> Instant {
    now + Milliseconds((wall.hour + 1) * WallTime.hourLength - wall.milliseconds)
  }

  /// Writes the hours that are over, and begins the repairs that are due.
  mutating func work(_ meters: [MeterSettings], now instant: Instant, at now: WallTime) {
    follow(now, instant)
    write(book.close(at: now))
    guard let thread else { return }
    if let finished = thread.takeFinished() {
      outages.spans.finish(finished.span, isDone: finished.isDone, at: now)
    }
    if !thread.status.current.isBusy, let span = outages.spans.due(at: now),
      !thread.repair(span, meters.deadBands)
    {
      outages.spans.finish(span, isDone: false, at: now)
    }
    if outages != saved {
      saved = outages
      _ = storage.post(.state(outages, isUrgent: true))
    }
  }

  /// A clock that is set says that the registers of this hour were noted with another one: nobody knows whose hour they are.
  private mutating func follow(_ now: WallTime, _ instant: Instant) {
    let lead = now.milliseconds - instant.milliseconds
    if let before = self.lead, abs(lead - before) > Limits.hourMargin.count {
      book = HourBook()
      Log.write(.notice, "the clock was set: the registers of this hour begin anew")
    }
    self.lead = lead
  }

  mutating func keep(only meters: [MeterSettings]) {
    let ids = Set(meters.map(\.id))
    margins = Dictionary(meters.map { ($0.id, $0.margin) }) { first, _ in first }
    book.keep { ids.contains($0) || SubmeterNames.owner(of: $0, among: ids) != nil }
  }

  /// The program ends: the hour so far is written.
  mutating func end() { write(book.close(at: nil)) }

  private func write(_ rows: [HourRow]) { if !rows.isEmpty { _ = storage.post(.hours(rows)) } }

  /// For `bridge/health`; nil without `repair`.
  var health: RepairHealth? {
    thread.map { thread in
      let status = thread.status.current
      return RepairHealth(
        mode: repair, outages: outages.spans.spans.count, hours: status.hours, corrections: status.corrections,
        trouble: status.trouble)
    }
  }
}

extension MeterSettings {
  /// How old a value may be at Home Assistant: the longest `min_interval`, and the way to it.
  fileprivate var margin: Milliseconds {
    let intervals = policies.values.compactMap(\.minimumInterval) + [minimumInterval]
    return max(Limits.hourMargin, Milliseconds((intervals.max() ?? 0).count + 5_000))
  }
}

extension [MeterSettings] {
  var deadBands: [StatisticsRepair.DeadBand] {
    flatMap { meter in
      meter.policies.compactMap { name, policy in
        policy.deadBand.map { StatisticsRepair.DeadBand(meter: meter.id, name: "\(name.entry.name)", width: $0) }
      }
    }
  }
}

/// The outages whose hours wait for their repair: a section of the state file.
struct Outages: Equatable, Sendable, StateSection {
  static let sectionName = "outages"

  var spans = DamagedSpans()

  init() {}

  /// Reads what `encoded` wrote.
  init(parsing json: [UInt8]) throws(YAMLError) {
    let members = JSONMembers.split(json) ?? []
    func time(_ value: [UInt8]?) -> WallTime? { value?.jsonText.flatMap { WallTime($0) } }
    func member(_ name: String) -> WallTime? { time(members.first { $0.name == name }?.value) }
    let list = members.first { $0.name == "spans" }.flatMap { JSONMembers.elements($0.value) } ?? []
    let spans = list.compactMap { element -> DamagedSpan? in
      guard let ends = JSONMembers.elements(element), ends.count == 2, let from = time(ends[0]),
        let until = time(ends[1])
      else { return nil }
      return DamagedSpan(from: from, until: until)
    }
    self.spans = DamagedSpans(
      spans: spans.suffix(Limits.damagedSpans), since: member("since"), gone: member("gone"))
  }

  func encoded() -> [UInt8] {
    var json = JSONText()
    json.object { json in
      json.array("spans") { json in
        for span in spans.spans {
          json.array {
            $0.value(span.from.description)
            $0.value(span.until.description)
          }
        }
      }
      if let since = spans.since { json.member("since", since.description) }
      if let gone = spans.gone { json.member("gone", gone.description) }
    }
    return json.bytes
  }
}
