internal import Decoders

/// The guards of one meter and of the sub-meters behind it, with what they are held against and what they tell.
struct MeterGuards: Sendable {
  /// What a reading came in.
  struct Arrival: Sendable {
    var bytes: [UInt8]
    /// Every register of the telegram is 0.
    var isEmpty: Bool
    /// The reading is the very measurement that came before.
    var isRepeated: Bool
    /// Names whose total over the tariffs was added by the program.
    var sums: [FieldName]
    var time: GuardedTotal.Moment
  }

  struct Result: Sendable {
    /// Last levels of the topics whose values are held back.
    var held: [String]
    /// How many values were held back in this telegram.
    var count = 0
    /// The meter is another one than before.
    var isExchanged = false
    var notices: [String] = []
    var letters: [DeadLetter] = []
  }

  private let settings: MeterSettings
  private var guards: [String: TotalsGuard]

  /// `totals` is what an earlier run knew, by id.
  init(_ settings: MeterSettings, _ totals: [String: DeviceTotals]) {
    self.settings = settings
    guards = totals.mapValues(TotalsGuard.init)
  }

  /// What is to be remembered, by id.
  var memory: [String: DeviceTotals] { guards.mapValues(\.memory) }

  /// Takes out of a reading what is held back.
  mutating func check(_ reading: inout Reading, of id: String, _ arrival: Arrival) -> Result {
    let bounds = bounds(of: reading, id: id, arrival)
    let outcome = guards[id, default: TotalsGuard()].check(
      &reading,
      TotalsGuard.Circumstances(
        now: arrival.time, bounds: bounds, sums: id == settings.id ? arrival.sums : [], isRepeated: arrival.isRepeated))
    var result = Result(held: outcome.held)
    if let exchanged = outcome.exchanged {
      result.isExchanged = true
      result.notices.append("\(id): the meter is another one: number \(exchanged.to) instead of \(exchanged.from)")
    }
    for finding in outcome.findings {
      if let notice = finding.notice(of: id) { result.notices.append(notice) }
      guard let complaint = finding.complaint(of: id, limit: bounds.limit) else { continue }
      result.count += 1
      if finding.letter != nil { result.letters.append(letter(complaint, finding, of: id, arrival)) }
    }
    return result
  }

  /// What the user believes of one id.
  struct Accepted: Sendable {
    var values: [(field: FieldDescription, value: FixedDecimal)]
    /// Of registers that have not come since the start, by their topics.
    var awaited: [(level: String, value: FixedDecimal)]
  }

  /// The user believes what is held back under an id; nil where nothing is known of it.
  mutating func accept(_ id: String) -> Accepted? {
    guard let awaited = guards[id]?.acceptRemembered(), let values = guards[id]?.accept() else { return nil }
    return Accepted(values: values, awaited: awaited)
  }

  private func bounds(of reading: Reading, id: String, _ arrival: Arrival) -> GuardedTotal.Bounds {
    let isMain = id == settings.id
    var bounds = GuardedTotal.Bounds(isTelegramEmpty: arrival.isEmpty)
    let configured = settings.maximumPower.map { JumpLimit(power: $0) }
    // What hangs on another pipe behind the meter has a limit of its own, which nobody has told.
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
    DeadLetter(
      time: arrival.time.wall, meter: id, source: settings.sourceText, kind: .heldBack, stage: .guarding,
      code: TotalsGuard.code, message: message, offset: nil, protocolName: settings.meterProtocol.name,
      bytes: settings.shown(arrival.bytes),
      subject: DeadLetter.Subject(
        field: finding.field.level, topic: nil, value: finding.value.description, last: finding.last?.description))
  }
}
