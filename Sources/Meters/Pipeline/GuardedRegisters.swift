internal import Base
internal import Decoders

/// The registers of one meter or sub-meter that only count up. It takes implausible values out of readings, so that a
/// total on MQTT never falls or jumps.
struct GuardedRegisters: Sendable {
  private var totals: RegisterTable<FieldKey> = [:]
  /// The totals of an earlier run by the last level of their topics, until their registers come.
  private var remembered: RegisterTable<String>
  /// The totals over the tariffs that were added so far.
  private var sums: Set<FieldName> = []
  private var snapshots = SnapshotLists()

  init(_ memory: RegisterTable<String> = [:]) { remembered = memory }

  /// The totals for the state file.
  var memory: RegisterTable<String> {
    var memory = remembered
    memory.reserve(remembered.count + totals.count)
    for (key, total) in totals { memory[key.topicLevel([])] = total }
    return memory
  }

  /// Checks a reading and takes the held values out of it.
  mutating func check(_ reading: inout Reading, _ circumstances: TotalsGuard.Circumstances) -> TotalsGuard.Outcome {
    var outcome = TotalsGuard.Outcome()
    sums.formUnion(circumstances.sums)
    var held: Set<FieldKey> = []
    var restarted: Set<FieldName> = []
    for (index, field) in reading.fields.enumerated() where TotalsGuard.isTotal(field) {
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
        // A second telegram has confirmed its parts.
        bounds.isChecked = true
      }
      if isKnownHeld(field.key, value, bounds, circumstances) || isSnapshot(field.key, value, in: reading) {
        held.insert(field.key)
        continue
      }
      guard let finding = judge(field, value, in: reading, bounds, circumstances) else { continue }
      if finding.verdict.isHeld { held.insert(field.key) } else { restarted.insert(field.key.name) }
      // The first value of a line without check values waits for the second one, which is no news.
      if finding.verdict != .held(.unconfirmed) { outcome.findings.append(finding) }
    }
    if !held.isEmpty {
      reading.fields.removeAll { held.contains($0.key) }
      outcome.held = held.map { $0.topicLevel([]) }
    }
    return outcome
  }

  /// Whether all registers of a reading go on from their last values, at least one of them.
  func continues(with reading: Reading, _ circumstances: TotalsGuard.Circumstances) -> Bool {
    var isAnyKnown = false
    for (index, field) in reading.fields.enumerated() where TotalsGuard.isTotal(field) {
      guard case .number(let value) = field.value, !circumstances.sums.contains(field.key.name) || field.key.tariff > 0
      else { continue }
      var bounds = circumstances.bounds
      bounds.wireStep = reading.step(ofField: index, times: bounds.step)
      guard let total = totals[field.key] ?? remembered[field.key.topicLevel([])], total.unit == field.unit,
        total.isContinued(by: value, at: circumstances.now, bounds)
      else { return false }
      isAnyKnown = true
    }
    return isAnyKnown
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

  /// Whether the same measurement as before is held back already. Without a check value the same value again is news: it
  /// came over the line once more.
  private func isKnownHeld(
    _ key: FieldKey, _ value: FixedDecimal, _ bounds: GuardedTotal.Bounds, _ circumstances: TotalsGuard.Circumstances
  ) -> Bool {
    guard circumstances.isRepeated, let total = totals[key], total.held?.newest.value == value else { return false }
    return bounds.isChecked || total.believed != nil
  }

  /// Nil for a value that was believed at once.
  private mutating func judge(
    _ field: Field, _ value: FixedDecimal, in reading: Reading, _ bounds: GuardedTotal.Bounds,
    _ circumstances: TotalsGuard.Circumstances
  ) -> TotalsGuard.Finding? {
    guard var total = recall(field) else { return nil }
    let before = total
    // The time counts from the first telegram of this measurement.
    if circumstances.isRepeated, total.believed?.value == value { return nil }
    var verdict = total.judge(value, at: circumstances.now, bounds)
    totals[field.key] = total
    if verdict == .believed {
      snapshots.rose(field.key, in: reading)
      return nil
    }
    if verdict == .held(.fell), snapshots.fell(field.key, in: reading.list) { verdict = .snapshot }
    let last = verdict == .held(.contradicted) ? before.held?.newest : before.believed
    var finding = TotalsGuard.Finding(
      field: .total(field.key, field.unit), value: value, last: last?.value, verdict: verdict)
    if case .held = verdict { finding.isNews = before.held?.newest.value != value }
    return finding
  }

  /// Whether a list tells the older value of a register again, as it always does.
  private func isSnapshot(_ key: FieldKey, _ value: FixedDecimal, in reading: Reading) -> Bool {
    guard let last = totals[key]?.believed?.value, value.isBelow(last) else { return false }
    return snapshots.expectsLess(in: reading)
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
