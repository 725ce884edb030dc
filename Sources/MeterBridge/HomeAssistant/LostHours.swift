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

  /// `outages` are those of earlier runs, `lastAlive` is the time of the newest register in the ledger; nil for a first run.
  init(
    _ outages: Outages, lastAlive: WallTime?, storage: Mailbox<StorageMessage>, folder: Folder, thread: RepairThread?,
    _ settings: HomeAssistantSettings, now: WallTime
  ) {
    self.outages = outages
    saved = outages
    self.storage = storage
    self.folder = folder
    self.thread = thread
    repair = settings.repair
    self.outages.spans.begin(lastAlive: lastAlive, at: now)
  }

  mutating func take(_ publication: Publication) {
    let device = publication.device
    book.take(publication, margin: margins[device.parent ?? device.id] ?? Limits.hourMargin)
  }

  mutating func take(_ report: BrokerReport, at now: WallTime) {
    switch report {
    case .connected: outages.spans.find(.broker, at: now)
    case .disconnected: outages.spans.lose(.broker, at: now)
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
  mutating func work(_ meters: [MeterSettings], at now: WallTime) {
    write(book.close(at: now))
    guard let thread else { return }
    if let finished = thread.takeFinished() {
      outages.spans.finish(finished.span, isDone: finished.isDone, at: now)
    }
    if !thread.status.current.isBusy, let span = outages.spans.due(at: now),
      !thread.repair(span, slack: meters.deadBands)
    {
      outages.spans.finish(span, isDone: false, at: now)
    }
    if outages != saved {
      saved = outages
      _ = storage.post(.state(outages, isUrgent: true))
    }
  }

  mutating func keep(only meters: [MeterSettings]) {
    let ids = meters.map(\.id)
    margins = Dictionary(meters.map { ($0.id, $0.margin) }) { first, _ in first }
    book.keep { device in ids.contains { device == $0 || SubmeterNames.isSubmeter(device, of: $0) } }
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
  /// The dead bands of fields, by device and level. Values within one may be missing in Home Assistant.
  var deadBands: [String: FixedDecimal] {
    var bands: [String: FixedDecimal] = [:]
    for meter in self {
      for (name, policy) in meter.policies { bands["\(meter.id)_\(name.entry.name)"] = policy.deadBand }
    }
    return bands
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
    let list = members.first { $0.name == "spans" }.flatMap { JSONMembers.elements($0.value) } ?? []
    let spans = list.compactMap { element -> DamagedSpan? in
      guard let ends = JSONMembers.elements(element), ends.count == 2, let from = time(ends[0]),
        let until = time(ends[1])
      else { return nil }
      return DamagedSpan(from: from, until: until)
    }
    self.spans = DamagedSpans(
      spans: spans.suffix(Limits.damagedSpans), since: time(members.first { $0.name == "since" }?.value))
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
    }
    return json.bytes
  }
}
