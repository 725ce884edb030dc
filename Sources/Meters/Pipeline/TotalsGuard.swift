internal import Base
internal import Decoders

/// Holds back what the totals of one meter or sub-meter cannot be: a total never goes backwards on MQTT, nor jumps.
///
/// A value: readings and times in, readings without the values held back and what there is to tell out.
struct TotalsGuard: Sendable {
  /// What there is to tell about one register.
  struct Finding: Equatable, Sendable {
    var field: FieldDescription
    var value: FixedDecimal
    /// The value that was believed before; nil for a first one.
    var last: FixedDecimal?
    var verdict: GuardedTotal.Verdict
    /// Nil where the log needs no letter of it; else how many were not written before this one.
    var letter: Int?
  }

  struct Outcome: Sendable {
    var findings: [Finding] = []
    /// The last levels of the topics whose values are held back.
    var held: [String] = []
    /// The meter has another number now.
    var exchanged: (from: String, to: String)?
  }

  /// What a whole telegram says of itself.
  struct Circumstances: Sendable {
    var now: GuardedTotal.Moment
    var bounds: GuardedTotal.Bounds
    /// Names whose total over the tariffs was added by the program.
    var sums: [FieldName] = []
    /// The very measurement that came before: it confirms nothing.
    var isRepeated = false
  }

  private var serial: String?
  /// The numbers that it had before, oldest first. One that comes back is no other meter: some meters name themselves in
  /// one list by their number and in the next one only by the name of their cipher.
  private var formerSerials: [String]
  private var totals: [FieldKey: GuardedTotal] = [:]
  private var limiters: [FieldKey: DeadLetterLimiter] = [:]
  /// Those of an earlier run, by the names of their topics, until their registers come.
  private var remembered: [String: GuardedTotal]
  /// Names whose total has been added.
  private var sums: Set<FieldName> = []

  init(_ memory: DeviceTotals = DeviceTotals()) {
    serial = memory.serial
    formerSerials = memory.formerSerials
    remembered = memory.totals
  }

  /// What is to be remembered.
  var memory: DeviceTotals {
    var memory = DeviceTotals(serial: serial, formerSerials: formerSerials, totals: remembered)
    for (key, total) in totals { memory.totals[key.topicLevel([])] = total }
    return memory
  }

  /// Whether a field is a register that only counts up: what Home Assistant is told to be one.
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

  /// Takes a reading, and takes out of it what is held back.
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
    var anew: Set<FieldName> = []
    for (index, field) in reading.fields.enumerated() where Self.isTotal(field) {
      guard case .number(let value) = field.value else { continue }
      var bounds = circumstances.bounds
      bounds.wireStep = reading.step(ofField: index, times: bounds.step)
      if isSum(field.key) {
        // Made of a value that is held back, it is none; where a part began anew, so does the sum.
        if held.contains(where: { isPart($0, of: field.key) }) {
          held.insert(field.key)
          continue
        }
        if anew.contains(field.key.name) { totals[field.key] = GuardedTotal(unit: field.unit) }
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
        anew.insert(field.key.name)
      }
      outcome.findings.append(finding)
    }
    if !held.isEmpty {
      reading.fields.removeAll { held.contains($0.key) }
      outcome.held = held.map { $0.topicLevel([]) }
    }
    return outcome
  }

  /// The user believes what an earlier run held back of registers that have not come since; returns it, by the names of
  /// their topics.
  mutating func acceptRemembered() -> [(level: String, value: FixedDecimal)] {
    remembered.keys.sorted().compactMap { level in
      guard remembered[level]?.accept() == true, let value = remembered[level]?.believed?.value else { return nil }
      return (level, value)
    }
  }

  /// The user believes what is held back; returns it.
  mutating func accept() -> [(field: FieldDescription, value: FixedDecimal)] {
    var accepted: [(field: FieldDescription, value: FixedDecimal)] = []
    for key in totals.keys {
      guard totals[key]?.accept() == true, let total = totals[key], let value = total.believed?.value else { continue }
      accepted.append((.total(key, total.unit), value))
    }
    // A sum of what began anew begins anew with the next telegram.
    for key in accepted.map(\.field.key) where key.tariff > 0 && sums.contains(key.name) {
      totals[FieldKey(key.name)] = nil
      remembered[FieldKey(key.name).topicLevel([])] = nil
    }
    return accepted.sorted { $0.field.level < $1.field.level }
  }

  // MARK: Steps

  /// The number of the meter that was here before, where this one is new here; nil where it is the same meter.
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

  /// Nil where there is nothing to tell.
  private mutating func judge(
    _ field: Field, _ value: FixedDecimal, _ bounds: GuardedTotal.Bounds, _ circumstances: Circumstances
  ) -> Finding? {
    guard var total = recall(field) else { return nil }
    let before = total
    // The time counts from when it was measured anew.
    if circumstances.isRepeated, total.believed?.value == value { return nil }
    let verdict = total.judge(value, at: circumstances.now, bounds)
    totals[field.key] = total
    if verdict == .believed { return nil }
    var finding = Finding(
      field: .total(field.key, field.unit), value: value, last: before.believed?.value, verdict: verdict)
    // The same value once more is counted, but not kept once more.
    if case .held = verdict, before.held?.newest.value != value, let now = circumstances.now.instant {
      finding.letter = limiters[field.key, default: DeadLetterLimiter()].take(at: now)
    }
    return finding
  }

  /// What is known of a register; nil where there is no room for another one, nor for its topic.
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
  /// What one step of a register is worth in the published unit, where that is no power of ten away from the register's;
  /// nil elsewhere. Rounding may make it one of the last digit more.
  fileprivate func step(ofField index: Int, times factor: Int64) -> FixedDecimal? {
    guard let wire = rounded.first(where: { $0.field == index }) else { return nil }
    let step = FixedDecimal(factor, exponent: wire.number.exponent).converted(
      from: wire.unit, to: fields[index].unit)
    return step.flatMap { $0 + FixedDecimal(1, exponent: $0.exponent) }
  }
}

extension FieldDescription {
  /// A register that only counts up. Only fields with a name are such, so its level needs no text.
  fileprivate static func total(_ key: FieldKey, _ unit: Unit) -> FieldDescription {
    FieldDescription(level: key.topicLevel([]), key: key, unit: unit, isNumber: true)
  }
}
