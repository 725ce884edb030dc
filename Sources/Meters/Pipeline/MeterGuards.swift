internal import Base
internal import Decoders

/// The guards of one meter and of its sub-meters, with their limits and their messages.
struct MeterGuards: Sendable {
  /// The telegram of a reading.
  struct Arrival: Sendable {
    var bytes: [UInt8]
    /// Whose reading it is.
    var standing: MeterNumbers.Standing
    /// Whether a check value covers the telegram.
    var isChecked: Bool
    /// Whether every register of the telegram is 0.
    var isEmpty: Bool
    /// Whether the reading is the same measurement as the one before.
    var isRepeated: Bool
    /// The totals over the tariffs that `Derivation` added.
    var sums: [FieldName]
    var time: GuardedTotal.Moment
  }

  struct Result: Sendable {
    /// The last levels of topics with values that are held back.
    var held: [String]
    /// The number of values held back in this telegram.
    var count = 0
    /// Whether the meter was exchanged.
    var isExchanged = false
    /// Whether nothing of the reading is published, because it is of another meter.
    var isOfStranger = false
    var notices: [String] = []
    var warnings: [String] = []
    var letters: [DeadLetter] = []
  }

  private var settings: MeterSettings { _read { yield shared.value } }
  private let shared: Box<MeterSettings>
  private var guards: ShortTable<String, TotalsGuard> = [:]
  /// For log lines about values that were believed after all.
  private var noticesLeft: [String: TokenBucket] = [:]

  /// `totals` come from an earlier run, by id.
  init(_ settings: Box<MeterSettings>, _ totals: [String: DeviceTotals]) {
    shared = settings
    for (id, known) in totals { guards[id] = TotalsGuard(known) }
  }

  /// The totals for the state file, by id.
  var memory: [String: DeviceTotals] {
    Dictionary(guards.lazy.map { ($0.key, $0.value.memory) }) { first, _ in first }
  }

  /// The number of a meter or sub-meter that is believed; nil without one.
  func number(of id: String) -> String? { guards[id]?.number }

  /// Takes the number of a reading. Returns whose reading it is, for `check`.
  mutating func hear(
    _ reading: Reading, of id: String, _ protection: Telegram.Protection, at now: Instant
  ) -> MeterNumbers.Standing { guards[id, default: TotalsGuard()].hear(reading, protection, at: now) }

  /// Takes the values that are held back out of a reading.
  mutating func check(_ reading: inout Reading, of id: String, _ arrival: Arrival) -> Result {
    let bounds = bounds(of: reading, id: id, arrival)
    let outcome = guards[id, default: TotalsGuard()].check(
      &reading,
      TotalsGuard.Circumstances(
        now: arrival.time, bounds: bounds, sums: id == settings.id ? arrival.sums : [], isRepeated: arrival.isRepeated),
      as: arrival.standing)
    var result = Result(held: outcome.held)
    if let exchanged = outcome.exchanged {
      result.isExchanged = true
      if exchanged.isNews {
        result.notices.append("\(id): this is another meter now: number \(exchanged.to) instead of \(exchanged.from)")
      }
    }
    if let rival = outcome.rival, let own = number(of: id) {
      let remedy = settings.meterProtocol.oneMeterRemedy
      result.warnings.append(TotalsGuard.warning(of: id, own: own, rival: rival, remedy: remedy))
    }
    if let stranger = outcome.stranger {
      result.isOfStranger = true
      result.letters.append(letter(stranger, of: id, arrival))
    }
    for finding in outcome.findings {
      if let notice = finding.notice(of: id), mayNotice(id, at: arrival.time.instant) { result.notices.append(notice) }
      guard let complaint = finding.complaint(of: id, limit: bounds.limit) else { continue }
      result.count += 1
      if finding.isNews { result.letters.append(letter(complaint, finding, of: id, arrival)) }
    }
    return result
  }

  /// Whether another notice of this id goes into the log. A value without a time comes from an earlier run.
  private mutating func mayNotice(_ id: String, at now: Instant?) -> Bool {
    guard let now else { return false }
    return noticesLeft[id, default: TokenBucket(Limits.guardNotices, now: now)].takeOne(now: now)
  }

  /// Values of one id that the user has accepted.
  struct Accepted: Sendable {
    var values: [(field: FieldDescription, value: FixedDecimal)]
    /// Values of registers that have not come since the start, by the last level of their topics.
    var awaited: [(level: String, value: FixedDecimal)]
    /// The new number of the meter.
    var number: String?
  }

  /// The user accepts the number that is not believed yet, else the values that are held back. Nil for an unknown id.
  mutating func accept(_ id: String) -> Accepted? {
    guard var known = guards[id] else { return nil }
    defer { guards[id] = known }
    if let number = known.acceptNumber() { return Accepted(values: [], awaited: [], number: number) }
    let awaited = known.acceptRemembered()
    return Accepted(values: known.accept(), awaited: awaited)
  }

  private func bounds(of reading: Reading, id: String, _ arrival: Arrival) -> GuardedTotal.Bounds {
    let isMain = id == settings.id
    var bounds = GuardedTotal.Bounds(isTelegramEmpty: arrival.isEmpty, isChecked: arrival.isChecked)
    bounds.losesDigits = settings.meterProtocol.losesDigits
    let configured = settings.maximumPower.map { JumpLimit(power: $0) }
    // `max_power` is the limit of the meter's own pipe or cable. A sub-meter on another pipe has an unknown limit.
    if reading.meter.medium == .electricity {
      bounds.limit = configured ?? .usual
    } else if isMain {
      bounds.limit = configured
    }
    if isMain, let factor = settings.factor { bounds.step = factor.mantissa }
    return bounds
  }

  private func letter(
    _ message: String, _ finding: TotalsGuard.Finding, of id: String, _ arrival: Arrival
  ) -> DeadLetter {
    letter(
      TotalsGuard.code, message, of: id, arrival,
      DeadLetter.Subject(
        field: finding.field.level, topic: nil, value: finding.value.description, last: finding.last?.description))
  }

  private func letter(_ stranger: TotalsGuard.Stranger, of id: String, _ arrival: Arrival) -> DeadLetter {
    letter(TotalsGuard.strangerCode, stranger.complaint(of: id), of: id, arrival, nil)
  }

  private func letter(
    _ code: String, _ message: String, of id: String, _ arrival: Arrival, _ subject: DeadLetter.Subject?
  ) -> DeadLetter {
    DeadLetter(
      time: arrival.time.wall, meter: id, source: settings.sourceText, kind: .heldBack, stage: .guarding, code: code,
      message: message, offset: nil, protocolName: settings.meterProtocol.name, bytes: settings.shown(arrival.bytes),
      subject: subject)
  }
}
