package import Base
package import Decoders

/// One register that only counts up, with its last believed value and a newer one that is held back.
///
/// The guard holds back a value that fell, or that rose further than the meter can count. It believes the value after
/// `Limits.agreeingTelegrams` telegrams that agree.
package struct GuardedTotal: Equatable, Sendable {
  /// When a value came.
  package struct Moment: Equatable, Sendable {
    package var wall: WallTime
    /// Nil for a value of an earlier run, because the steady clock starts again with each run.
    package var instant: Instant?

    /// 2020. An earlier time comes from a clock that was not set.
    private static let unset = WallTime(milliseconds: 1_577_836_800_000)

    package init(wall: WallTime, instant: Instant? = nil) {
      self.wall = wall
      self.instant = instant
    }

    /// The time between two values, at least `JumpLimit.shortest`.
    ///
    /// This minimum also counts if the wall clock went back, or was not set at the first value.
    func elapsed(until now: Moment) -> Milliseconds {
      let time: Milliseconds
      if let instant, let other = now.instant {
        time = other - instant
      } else {
        let (difference, overflow) = now.wall.milliseconds.subtractingReportingOverflow(wall.milliseconds)
        time = overflow || wall < Self.unset ? 0 : Milliseconds(difference)
      }
      return max(time, JumpLimit.shortest)
    }
  }

  package struct Sighting: Equatable, Sendable {
    package var value: FixedDecimal
    package var at: Moment
    /// `Bounds.wireStep` at that time. The state file does not keep it.
    var step: FixedDecimal?

    package init(value: FixedDecimal, at: Moment, step: FixedDecimal? = nil) {
      self.value = value
      self.at = at
      self.step = step
    }
  }

  package struct Held: Equatable, Sendable {
    package var newest: Sighting
    /// The number of telegrams that agree so far.
    package var telegrams: Int

    package init(newest: Sighting, telegrams: Int) {
      self.newest = newest
      self.telegrams = telegrams
    }
  }

  /// The limits of a register, and what its telegram says about it.
  struct Bounds: Sendable {
    /// Nil for a register that may rise without limit.
    var limit: JumpLimit?
    /// One step of the register in units of its last digit: the meter's factor without its decimal point.
    var step: Int64 = 1
    /// One step of the register in the published unit. Nil if the two units differ by a power of ten, because the last
    /// digit then shows the step.
    var wireStep: FixedDecimal?
    /// Every register of the telegram is 0.
    var isTelegramEmpty = false
    /// A check value covers the telegram, so its value is what the meter sent.
    var isChecked = true
    /// The meter may send fewer digits of a register than before: its PIN locks the others.
    var losesDigits = false
  }

  enum Verdict: Equatable, Sendable {
    case believed
    /// Enough telegrams agree.
    case confirmed
    /// The register passed its highest number and started at 0 again.
    case rolledOver
    case held(Doubt)
    /// The list always tells an older value of the register. From now on that is expected.
    case snapshot
    /// The same value as before with fewer digits.
    case coarser

    /// Whether the value is not published.
    var isHeld: Bool {
      switch self {
      case .held, .snapshot, .coarser: true
      case .believed, .confirmed, .rolledOver: false
      }
    }
  }

  /// Why a value is held back.
  enum Doubt: Equatable, Sendable {
    case fell
    /// It rose too far for this time.
    case jumped(Milliseconds)
    /// The first value is 0, like all other registers of its telegram.
    case emptyTelegram
    /// The first value came without a check value, and waits for a second one.
    case unconfirmed
    /// The second one is not near the first.
    case contradicted
  }

  package var unit: Unit
  package var believed: Sighting?
  package var held: Held?

  package init(unit: Unit, believed: Sighting? = nil, held: Held? = nil) {
    self.unit = unit
    self.believed = believed
    self.held = held
  }

  /// Takes the value of a telegram.
  mutating func judge(_ value: FixedDecimal, at now: Moment, _ bounds: Bounds) -> Verdict {
    if isCoarser(value, bounds) { return .coarser }
    let sighting = Sighting(value: value, at: now, step: bounds.wireStep)
    guard let doubt = doubt(about: value, at: now, bounds) else {
      believe(sighting)
      return .believed
    }
    if isRollover(to: value, at: now, bounds) {
      believe(sighting)
      return .rolledOver
    }
    if doubt == .unconfirmed { return judgeFirst(sighting, bounds) }
    var telegrams = 1
    if let held, rise(from: held.newest, to: value, at: now, bounds) == nil { telegrams += held.telegrams }
    guard telegrams < Limits.agreeingTelegrams else {
      believe(sighting)
      return .confirmed
    }
    held = Held(newest: sighting, telegrams: telegrams)
    return .held(doubt)
  }

  /// Whether the value may follow the believed one so closely that its telegram is of the same meter. A register without
  /// a limit must stand still.
  func isContinued(by value: FixedDecimal, at now: Moment, _ bounds: Bounds) -> Bool {
    guard let believed, rise(from: believed, to: value, at: now, bounds) == nil else { return false }
    return bounds.limit != nil && JumpLimit.isFor(unit) || !believed.value.isBelow(value)
  }

  /// The user says that the held value is right. Returns whether a value was held.
  mutating func accept() -> Bool {
    guard let held else { return false }
    believe(held.newest)
    return true
  }

  /// The register is published in another unit from now on.
  ///
  /// The believed value becomes one step smaller. Otherwise rounding could look like a register that falls.
  mutating func convert(to other: Unit) {
    func converted(_ sighting: Sighting) -> Sighting? {
      let step = FixedDecimal(1, exponent: sighting.value.exponent)
      guard let value = (sighting.value - step)?.converted(from: unit, to: other) else { return nil }
      return Sighting(value: value, at: sighting.at)
    }
    believed = believed.flatMap(converted)
    held = nil
    unit = other
  }

  /// Whether the believed value lies within the last digit of a value with fewer digits.
  private func isCoarser(_ value: FixedDecimal, _ bounds: Bounds) -> Bool {
    guard bounds.losesDigits, let last = believed?.value, value.exponent > last.exponent, !last.isBelow(value),
      let next = value + FixedDecimal(bounds.step, exponent: value.exponent)
    else { return false }
    return last.isBelow(next)
  }

  private mutating func believe(_ sighting: Sighting) {
    believed = sighting
    held = nil
  }

  /// Takes a first value of a line without check values.
  private mutating func judgeFirst(_ sighting: Sighting, _ bounds: Bounds) -> Verdict {
    guard let held else {
      held = Held(newest: sighting, telegrams: 1)
      return .held(.unconfirmed)
    }
    let telegrams = isNear(held.newest, sighting, bounds) ? held.telegrams + 1 : 1
    if telegrams >= Limits.agreeingFirstValues {
      believe(sighting)
      return .believed
    }
    self.held = Held(newest: sighting, telegrams: telegrams)
    return .held(.contradicted)
  }

  /// Whether two first values confirm each other: a damaged digit is mostly farther away. A register without a limit may
  /// rise by a hundredth, or by one.
  private func isNear(_ first: Sighting, _ second: Sighting, _ bounds: Bounds) -> Bool {
    var bounds = bounds
    bounds.limit = bounds.limit ?? .usual
    guard rise(from: first, to: second.value, at: second.at, bounds) == nil, let rise = second.value - first.value
    else {
      return false
    }
    let hundredth = second.value.scaled(by: -2)
    return JumpLimit.isFor(unit) || !FixedDecimal(1).isBelow(rise) || !hundredth.isBelow(rise)
  }

  private func doubt(about value: FixedDecimal, at now: Moment, _ bounds: Bounds) -> Doubt? {
    guard let believed else {
      if value.mantissa == 0, bounds.isTelegramEmpty { return .emptyTelegram }
      return bounds.isChecked ? nil : .unconfirmed
    }
    return rise(from: believed, to: value, at: now, bounds)
  }

  /// The doubt about a value after another one; nil if it is plausible.
  private func rise(from last: Sighting, to value: FixedDecimal, at now: Moment, _ bounds: Bounds) -> Doubt? {
    if value.isBelow(last.value) { return .fell }
    guard let limit = bounds.limit else { return nil }
    let time = last.at.elapsed(until: now)
    guard let rise = value - last.value else { return .jumped(time) }
    // One step is always allowed, even for a register with large steps.
    let isOneStep = !step(from: last, to: value, bounds).isBelow(rise)
    return isOneStep || limit.allows(rise, unit, in: time) ? nil : .jumped(time)
  }

  /// The smaller step of two values, because a floating-point number may have lost its decimals.
  private func step(from last: Sighting, to value: FixedDecimal, _ bounds: Bounds) -> FixedDecimal {
    guard let former = last.step, let step = bounds.wireStep else {
      return FixedDecimal(bounds.step, exponent: min(value.exponent, last.value.exponent))
    }
    return former.isBelow(step) ? former : step
  }

  /// Whether the register ran past its last digit.
  ///
  /// The old value was within a thousandth of a power of ten, and the way over it is as short. The way must also be
  /// possible in the time. A new value of 0 does not count, but the next step does.
  private func isRollover(to value: FixedDecimal, at now: Moment, _ bounds: Bounds) -> Bool {
    guard let last = believed, last.value.mantissa > 0, value.mantissa > 0, value.isBelow(last.value) else {
      return false
    }
    let digits = String(last.value.mantissa).utf8.count + Int(last.value.exponent)
    // Real registers have more digits, so a smaller power of ten is only a number on the way.
    guard digits >= 4, let power = Int8(exactly: digits), let rest = FixedDecimal(1, exponent: power) - last.value,
      let way = rest + value
    else { return false }
    let isShort = !FixedDecimal(1, exponent: power - 3).isBelow(way)
    return isShort && bounds.limit?.allows(way, unit, in: last.at.elapsed(until: now)) != false
  }
}
