internal import Base
internal import Decoders

/// Guards one meter or sub-meter: its registers, and its number, so that only its own values are published.
///
/// It is a value. Readings and times go in; readings without the held values, and findings, come out.
struct TotalsGuard: Sendable {
  /// News about one register.
  struct Finding: Equatable, Sendable {
    var field: FieldDescription
    var value: FixedDecimal
    /// The last believed value, or the first one that waits; nil without one.
    var last: FixedDecimal?
    var verdict: GuardedTotal.Verdict
    /// Whether the value differs from the last one that was held back: the same one again does not make a dead letter.
    var isNews = false
  }

  /// A reading of another number, none of which is published.
  struct Stranger: Equatable, Sendable {
    var number: String
    var own: String
    /// The number of telegrams in a row with that number.
    var telegrams: Int
  }

  struct Outcome: Sendable {
    var findings: [Finding] = []
    /// The last levels of topics with values that are held back.
    var held: [String] = []
    /// The old and new number of an exchanged meter. `isNews`: the log has not told of another exchange for an hour.
    var exchanged: (from: String, to: String, isNews: Bool)?
    /// Set if the whole reading is held back.
    var stranger: Stranger?
    /// The number of a second meter on the line, once.
    var rival: String?
  }

  /// Facts about the whole telegram.
  struct Circumstances: Sendable {
    var now: GuardedTotal.Moment
    var bounds: GuardedTotal.Bounds
    /// The totals over the tariffs that `Derivation` added.
    var sums: [FieldName] = []
    /// Whether it is the same measurement as before, which does not confirm anything.
    var isRepeated = false

    /// The same for a meter that may begin at 0.
    fileprivate var ofNewMeter: Circumstances {
      var circumstances = self
      circumstances.bounds.isTelegramEmpty = false
      return circumstances
    }
  }

  private var numbers: MeterNumbers
  private var registers: GuardedRegisters
  /// The registers of the number that is not believed yet.
  private var claimed = GuardedRegisters()
  private var exchangeTold: Instant?

  init(_ memory: DeviceTotals = DeviceTotals()) {
    numbers = MeterNumbers(memory)
    registers = GuardedRegisters(memory.totals)
  }

  /// The number and the totals for the state file.
  var memory: DeviceTotals {
    DeviceTotals(number: numbers.number, formerNumbers: numbers.former, totals: registers.memory)
  }

  /// The meter's number for discovery; nil if it does not have one.
  var number: String? { numbers.number?.text }

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

  /// Takes the number of a reading, before `check`.
  mutating func hear(
    _ reading: Reading, _ protection: Telegram.Protection, at now: Instant
  ) -> MeterNumbers.Standing { numbers.hear(MeterNumber(reading), protection, at: now) }

  /// Checks a reading and takes the held values out of it.
  mutating func check(
    _ reading: inout Reading, _ circumstances: Circumstances, as standing: MeterNumbers.Standing
  ) -> Outcome {
    if standing.isFirst { claimed = GuardedRegisters() }
    var outcome: Outcome
    switch standing {
    case .own: outcome = registers.check(&reading, circumstances)
    case .claimed(let telegrams): outcome = check(&reading, circumstances, claimedBy: telegrams)
    case .exchanged:
      registers = claimed
      claimed = GuardedRegisters()
      outcome = registers.check(&reading, circumstances.ofNewMeter)
      if let from = numbers.former.last, let to = number {
        outcome.exchanged = (from, to, takeExchangeNews(at: circumstances.now.instant))
      }
    }
    outcome.rival = numbers.takeRival()
    return outcome
  }

  /// The user accepts values that an earlier run held back, of registers that have not come since. Returns them by the
  /// last level of their topics.
  mutating func acceptRemembered() -> [(level: String, value: FixedDecimal)] { registers.acceptRemembered() }

  /// The user accepts the held values. Returns them.
  mutating func accept() -> [(field: FieldDescription, value: FixedDecimal)] { registers.accept() }

  /// The user accepts the number that is not believed yet. Returns it.
  mutating func acceptNumber() -> String? { numbers.accept() }

  private mutating func takeExchangeNews(at now: Instant?) -> Bool {
    guard let now else { return true }
    if let told = exchangeTold, now - told < Limits.exchangeNotices { return false }
    exchangeTold = now
    return true
  }

  /// A reading whose number is not believed yet. Its registers are kept apart, for the day when it is.
  ///
  /// Without a check value only the number may be damaged. So the reading counts as the meter's if all its registers go
  /// on from where the meter's are. Otherwise nothing of it does.
  private mutating func check(
    _ reading: inout Reading, _ circumstances: Circumstances, claimedBy telegrams: Int
  ) -> Outcome {
    var copy = reading
    _ = claimed.check(&copy, circumstances.ofNewMeter)
    if !circumstances.bounds.isChecked, registers.continues(with: reading, circumstances) {
      return registers.check(&reading, circumstances)
    }
    numbers.withhold()
    var outcome = Outcome()
    outcome.stranger = Stranger(number: numbers.claimed ?? "", own: number ?? "", telegrams: telegrams)
    return outcome
  }
}
