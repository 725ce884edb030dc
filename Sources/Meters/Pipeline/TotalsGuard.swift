internal import Base
internal import Decoders

/// Holds back implausible totals of one meter or sub-meter, so that a total on MQTT never falls or jumps.
///
/// It is a value. Readings and times go in; readings without the held values, and findings, come out.
struct TotalsGuard: Sendable {
  /// News about one register.
  struct Finding: Equatable, Sendable {
    var field: FieldDescription
    var value: FixedDecimal
    /// The last believed value; nil for the first one.
    var last: FixedDecimal?
    var verdict: GuardedTotal.Verdict
    /// The number of skipped dead letters before this one; nil if this finding does not make a dead letter.
    var letter: Int?
  }

  struct Outcome: Sendable {
    var findings: [Finding] = []
    /// The last levels of topics with values that are held back.
    var held: [String] = []
    /// The old and new number of an exchanged meter.
    var exchanged: (from: String, to: String)?
  }

  /// Facts about the whole telegram.
  struct Circumstances: Sendable {
    var now: GuardedTotal.Moment
    var bounds: GuardedTotal.Bounds
    /// The totals over the tariffs that `Derivation` added.
    var sums: [FieldName] = []
    /// Whether it is the same measurement as before, which does not confirm anything.
    var isRepeated = false
  }

  private var serial: String?
  /// The numbers before it, oldest first. One of them that comes back is not another meter: some meters tell their
  /// number in one list, and only the name of their cipher in the next.
  private var formerSerials: [String]
  private var totals: [FieldKey: GuardedTotal] = [:]
  private var limiters: [FieldKey: DeadLetterLimiter] = [:]
  /// The totals of an earlier run by the last level of their topics, until their registers come.
  private var remembered: [String: GuardedTotal]
  /// The totals over the tariffs that were added so far.
  private var sums: Set<FieldName> = []

  init(_ memory: DeviceTotals = DeviceTotals()) {
    serial = memory.serial
    formerSerials = memory.formerSerials
    remembered = memory.totals
  }

  /// The totals for the state file.
  var memory: DeviceTotals {
    var memory = DeviceTotals(serial: serial, formerSerials: formerSerials, totals: remembered)
    for (key, total) in totals { memory.totals[key.topicLevel([])] = total }
    return memory
  }

  /// Whether a field is a register that only counts up: `total_increasing` in Home Assistant.
  static func isTotal(_ field: Field) -> Bool {
    guard case .number = field.value, field.key.storage == 0, field.key.function == .instantaneous else { return false }
    return field.key.name.entry.stateClass == .totalIncreasing
  }

  /// Whether all registers of a telegram are 0.
  static func isEmpty(_ readings: [Reading]) -> Bool {
    readings.allSatisfy { reading in
      reading.fields.allSatisfy { field in
        guard isTotal(field), case .number(let value) = field.value else { return true }
        return value.mantissa == 0
      }
    }
  }

  /// Checks a reading and takes the held values out of it.
  mutating func check(_ reading: inout Reading, _ circumstances: Circumstances) -> Outcome {
    var circumstances = circumstances
    var outcome = Outcome()
    if let number = reading.meterNumber, let old = meterBefore(number) {
      outcome.exchanged = (from: old, to: number)
      forget()
      // A new meter begins at 0.
      circumstances.bounds.isTelegramEmpty = false
    }
    sums.formUnion(circumstances.sums)
    var held: Set<FieldKey> = []
    var restarted: Set<FieldName> = []
    for (index, field) in reading.fields.enumerated() where Self.isTotal(field) {
      guard case .number(let value) = field.value else { continue }
      var bounds = circumstances.bounds
      bounds.wireStep = reading.step(ofField: index, times: bounds.step)
      if isSum(field.key) {
        // A sum is held back with any of its parts, and starts again with any of them.
        if held.contains(where: { isPart($0, of: field.key) }) {
          held.insert(field.key)
          continue
        }
        if restarted.contains(field.key.name) { totals[field.key] = GuardedTotal(unit: field.unit) }
        bounds.isTelegramEmpty = false
      }
      if circumstances.isRepeated, totals[field.key]?.held?.newest.value == value {
        held.insert(field.key)
        continue
      }
      guard let finding = judge(field, value, bounds, circumstances) else { continue }
      if case .held = finding.verdict {
        held.insert(field.key)
      } else {
        restarted.insert(field.key.name)
      }
      outcome.findings.append(finding)
    }
    if !held.isEmpty {
      reading.fields.removeAll { held.contains($0.key) }
      outcome.held = held.map { $0.topicLevel([]) }
    }
    return outcome
  }

  /// The user accepts values that an earlier run held back, of registers that have not come since. Returns them by the
  /// last level of their topics.
  mutating func acceptRemembered() -> [(level: String, value: FixedDecimal)] {
    remembered.keys.sorted().compactMap { level in
      guard remembered[level]?.accept() == true, let value = remembered[level]?.believed?.value else { return nil }
      return (level, value)
    }
  }

  /// The user accepts the held values. Returns them.
  mutating func accept() -> [(field: FieldDescription, value: FixedDecimal)] {
    var accepted: [(field: FieldDescription, value: FixedDecimal)] = []
    for key in totals.keys {
      guard totals[key]?.accept() == true, let total = totals[key], let value = total.believed?.value else { continue }
      accepted.append((.total(key, total.unit), value))
    }
    // The sum of an accepted part starts again with the next telegram.
    for key in accepted.map(\.field.key) where key.tariff > 0 && sums.contains(key.name) {
      totals[FieldKey(key.name)] = nil
      remembered[FieldKey(key.name).topicLevel([])] = nil
    }
    return accepted.sorted { $0.field.level < $1.field.level }
  }

  // MARK: Steps

  /// The number of the exchanged meter, if this number is new here; nil for the same meter.
  private mutating func meterBefore(_ number: String) -> String? {
    guard let old = serial, old != number else {
      serial = number
      return nil
    }
    let isKnown = formerSerials.contains(number)
    formerSerials.removeAll { $0 == number }
    formerSerials = (formerSerials + [old]).suffix(Limits.formerNumbers)
    serial = number
    return isKnown ? nil : old
  }

  /// Nil for a value that was believed at once.
  private mutating func judge(
    _ field: Field, _ value: FixedDecimal, _ bounds: GuardedTotal.Bounds, _ circumstances: Circumstances
  ) -> Finding? {
    guard var total = recall(field) else { return nil }
    let before = total
    // The time counts from the first telegram of this measurement.
    if circumstances.isRepeated, total.believed?.value == value { return nil }
    let verdict = total.judge(value, at: circumstances.now, bounds)
    totals[field.key] = total
    if verdict == .believed { return nil }
    var finding = Finding(
      field: .total(field.key, field.unit), value: value, last: before.believed?.value, verdict: verdict)
    // The same value again is counted, but does not make another dead letter.
    if case .held = verdict, before.held?.newest.value != value, let now = circumstances.now.instant {
      finding.letter = limiters[field.key, default: DeadLetterLimiter()].take(at: now)
    }
    return finding
  }

  /// The total of a register; nil if there are too many registers and topics.
  private mutating func recall(_ field: Field) -> GuardedTotal? {
    let known = totals[field.key] ?? remembered.removeValue(forKey: field.key.topicLevel([]))
    guard var total = known else {
      return totals.count < Limits.fieldsOfReading ? GuardedTotal(unit: field.unit) : nil
    }
    if total.unit != field.unit { total.convert(to: field.unit) }
    return total
  }

  private mutating func forget() {
    totals = [:]
    remembered = [:]
  }

  private func isSum(_ key: FieldKey) -> Bool { sums.contains(key.name) && key == FieldKey(key.name) }

  private func isPart(_ key: FieldKey, of sum: FieldKey) -> Bool {
    key.tariff > 0 && key == FieldKey(sum.name, tariff: key.tariff)
  }
}

extension Reading {
  /// One step of a register in the published unit; nil if the two units differ by a power of ten. Rounding may add one
  /// to the last digit.
  fileprivate func step(ofField index: Int, times factor: Int64) -> FixedDecimal? {
    guard let wire = rounded.first(where: { $0.field == index }) else { return nil }
    let step = FixedDecimal(factor, exponent: wire.number.exponent).converted(
      from: wire.unit, to: fields[index].unit)
    return step.flatMap { $0 + FixedDecimal(1, exponent: $0.exponent) }
  }
}

extension FieldDescription {
  /// A register that only counts up. It always has a name, so its level does not need the text of a reading.
  fileprivate static func total(_ key: FieldKey, _ unit: Unit) -> FieldDescription {
    FieldDescription(level: key.topicLevel([]), key: key, unit: unit, isNumber: true)
  }
}
