package import Base

/// A time in which Home Assistant did not get the values.
package struct DamagedSpan: Hashable, Sendable {
  package var from: WallTime
  package var until: WallTime

  package init(from: WallTime, until: WallTime) {
    self.from = from
    self.until = until
  }

  /// The first hour with lost values.
  package var firstHour: Int64 { from.hour }
  /// The hour into which Home Assistant books all of them.
  package var returnHour: Int64 { until.hour }
}

/// The times in which broker, bridge or Home Assistant were away, until their hours are repaired.
///
/// It is a value: events and times go in. Home Assistant is back later than the broker, so `Limits.outageMargin` is added
/// at the end. An outage is noticed late, so it has begun before.
package struct DamagedSpans: Equatable, Sendable {
  /// Who is away now.
  package struct Absence: OptionSet, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }
    package static let broker = Absence(rawValue: 1)
    package static let homeAssistant = Absence(rawValue: 2)
  }

  /// Those to repair, in order of time.
  package var spans: [DamagedSpan] = []
  package private(set) var absent: Absence = []
  /// The start of the current outage; nil if all are there.
  package private(set) var since: WallTime?
  /// Since when Home Assistant is away, as it said itself. Whoever else comes and goes meanwhile, only its birth message
  /// ends that.
  package private(set) var gone: WallTime?
  /// The start of the last outage of the broker, until Home Assistant's birth message.
  private var unconfirmed: WallTime?
  /// When spans may be tried again, after a try that came too early or failed.
  private var retries: [DamagedSpan: WallTime] = [:]

  package init() {}

  /// Restores what an earlier run has saved.
  package init(spans: [DamagedSpan], since: WallTime?, gone: WallTime?) {
    self.spans = spans
    self.since = since
    self.gone = gone
  }

  /// The program starts: the bridge was away.
  ///
  /// - Parameters:
  ///   - lastAlive: the newest register in the ledger; nil for a first run.
  ///   - now: the time.
  package mutating func begin(lastAlive: WallTime?, at now: WallTime) {
    absent = .broker
    since = min(since ?? lastAlive ?? now, lastAlive ?? now, now)
  }

  /// The connection to the broker is lost, or that of Home Assistant.
  ///
  /// - Parameters:
  ///   - who: is away.
  ///   - now: the time.
  ///   - notice: how late that may be noticed.
  package mutating func lose(_ who: Absence, at now: WallTime, notice: Milliseconds = Limits.outageNotice) {
    guard !absent.contains(who) else { return }
    absent.insert(who)
    let start = WallTime(milliseconds: now.milliseconds - notice.count)
    since = min(since ?? start, start)
    if who == .homeAssistant { gone = start }
  }

  /// Broker or Home Assistant is back.
  ///
  /// With the broker Home Assistant counts as back too, for its birth message may have come before ours. If one comes later,
  /// it was away until then.
  package mutating func find(_ who: Absence, at now: WallTime) {
    let until = WallTime(milliseconds: now.milliseconds + Limits.outageMargin.count)
    if who == .broker {
      guard absent.contains(.broker) else { return }
      absent = []
      unconfirmed = since.map { min($0, gone ?? $0) }
    } else {
      if absent.isEmpty, let start = unconfirmed { add(DamagedSpan(from: start, until: until)) }
      unconfirmed = nil
      gone = nil
      absent.remove(who)
    }
    guard absent.isEmpty, let since else { return }
    self.since = nil
    add(DamagedSpan(from: since, until: until))
  }

  private mutating func add(_ span: DamagedSpan) {
    var span = span
    // The clock may have been set back meanwhile.
    span.from = min(span.from, span.until)
    // Spans that share an hour are one: the return hour of the first is damaged too.
    while let last = spans.last, last.returnHour >= span.firstHour {
      span = DamagedSpan(from: min(last.from, span.from), until: max(last.until, span.until))
      spans.removeLast()
    }
    spans.append(span)
    if spans.count > Limits.damagedSpans { spans.removeFirst() }
  }

  /// The span whose return hour Home Assistant has compiled by now; nil if none is due.
  ///
  /// Those inside of one hour need no repair and are forgotten, as are those that are too old.
  package mutating func due(at now: WallTime) -> DamagedSpan? {
    let margin = Limits.outageMargin.count
    // None ends later than a margin from now, unless the clock has been set back since.
    let latest = WallTime(milliseconds: now.milliseconds + margin)
    for place in spans.indices where spans[place].until > latest {
      spans[place] = DamagedSpan(from: min(spans[place].from, latest), until: latest)
    }
    spans.removeAll { span in
      let isOver = now.milliseconds >= span.until.milliseconds
      return isOver && span.firstHour == span.returnHour
        || now.milliseconds - span.until.milliseconds > Limits.repairPatience.count
    }
    return spans.first { span in
      since.map { $0.hour > span.returnHour } != false && retries[span].map { $0 <= now } != false
        && now.milliseconds >= (span.returnHour + 1) * WallTime.hourLength + margin
    }
  }

  /// A try has ended: the span is done, or is tried again after the next hour.
  package mutating func finish(_ span: DamagedSpan, isDone: Bool, at now: WallTime) {
    retries = retries.filter { spans.contains($0.key) }
    retries[span] =
      isDone ? nil : WallTime(milliseconds: (now.hour + 1) * WallTime.hourLength + Limits.outageMargin.count)
    if isDone { spans.removeAll { $0 == span } }
  }
}
