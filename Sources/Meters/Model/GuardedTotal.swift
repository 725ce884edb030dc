package import Base
package import Decoders

/// One register that only counts up: the value that was last believed, and the one that is held back.
///
/// A value that is lower, or higher than the meter can have counted, is held back until as many telegrams agree as
/// `Limits.agreeingTelegrams` says.
package struct GuardedTotal: Equatable, Sendable {
  /// When a value came.
  package struct Moment: Equatable, Sendable {
    package var wall: WallTime
    /// Nil for one of an earlier run, whose steady clock is over.
    package var instant: Instant?

    package init(wall: WallTime, instant: Instant? = nil) {
      self.wall = wall
      self.instant = instant
    }

    /// Before this no clock on the wall was set, only counting from its beginning: 2020.
    private static let unset = WallTime(milliseconds: 1_577_836_800_000)

    /// The time since then; a wall clock that went back, or was not set then, says nothing, and less than the shortest
    /// counts as that.
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
    /// What `Bounds.wireStep` was; not kept over a restart.
    var step: FixedDecimal?

    package init(value: FixedDecimal, at: Moment, step: FixedDecimal? = nil) {
      self.value = value
      self.at = at
      self.step = step
    }
  }

  package struct Held: Equatable, Sendable {
    package var newest: Sighting
    /// How many telegrams agree so far.
    package var telegrams: Int

    package init(newest: Sighting, telegrams: Int) {
      self.newest = newest
      self.telegrams = telegrams
    }
  }

  /// What the meter can do.
  struct Bounds: Sendable {
    /// Nil where it may rise as it likes.
    var limit: JumpLimit?
    /// What one step of the last digit is worth, in units of that digit: the meter's factor without its point.
    var step: Int64 = 1
    /// What one step of the register is worth where its unit is no power of ten away from the published one, so that the
    /// last digit does not tell; nil elsewhere.
    var wireStep: FixedDecimal?
    /// Every register of the telegram is 0.
    var isTelegramEmpty = false
  }

  enum Verdict: Equatable, Sendable {
    case believed
    /// As many telegrams agree as it takes.
    case confirmed
    /// The register was full and began anew.
    case rolledOver
    case held(Doubt)
  }

  /// Why a value is held back.
  enum Doubt: Equatable, Sendable {
    case fell
    /// It rose too far for this time.
    case jumped(Milliseconds)
    /// The first value is 0, as is everything else in its telegram.
    case emptyTelegram
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
    let sighting = Sighting(value: value, at: now, step: bounds.wireStep)
    guard let doubt = doubt(about: value, at: now, bounds) else {
      believe(sighting)
      return .believed
    }
    if isRollover(to: value, at: now, bounds) {
      believe(sighting)
      return .rolledOver
    }
    var telegrams = 1
    if let held, rise(from: held.newest, to: value, at: now, bounds) == nil { telegrams += held.telegrams }
    guard telegrams < Limits.agreeingTelegrams else {
      believe(sighting)
      return .confirmed
    }
    held = Held(newest: sighting, telegrams: telegrams)
    return .held(doubt)
  }

  /// The user says that the value held back is right; true where one is.
  mutating func accept() -> Bool {
    guard let held else { return false }
    believe(held.newest)
    return true
  }

  /// The register is published in another unit from now on. A step less is remembered, as rounding must not look like a
  /// register that falls.
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

  private mutating func believe(_ sighting: Sighting) {
    believed = sighting
    held = nil
  }

  private func doubt(about value: FixedDecimal, at now: Moment, _ bounds: Bounds) -> Doubt? {
    guard let believed else { return value.mantissa == 0 && bounds.isTelegramEmpty ? .emptyTelegram : nil }
    return rise(from: believed, to: value, at: now, bounds)
  }

  /// What is wrong with a value after another one; nil where nothing is.
  private func rise(from last: Sighting, to value: FixedDecimal, at now: Moment, _ bounds: Bounds) -> Doubt? {
    if value.isBelow(last.value) { return .fell }
    guard let limit = bounds.limit else { return nil }
    let time = last.at.elapsed(until: now)
    guard let rise = value - last.value else { return .jumped(time) }
    // A register that counts in large steps must be able to make one.
    let isOneStep = !step(from: last, to: value, bounds).isBelow(rise)
    return isOneStep || limit.allows(rise, unit, in: time) ? nil : .jumped(time)
  }

  /// The smaller step of two values: a number in floating point may have lost its decimals.
  private func step(from last: Sighting, to value: FixedDecimal, _ bounds: Bounds) -> FixedDecimal {
    guard let former = last.step, let step = bounds.wireStep else {
      return FixedDecimal(bounds.step, exponent: min(value.exponent, last.value.exponent))
    }
    return former.isBelow(step) ? former : step
  }

  /// Whether the register ran past its last digit: it stood within a thousandth of a power of ten, and the way over it is
  /// no longer than that, and not too long for the time. A 0 is none: the first step behind it tells.
  private func isRollover(to value: FixedDecimal, at now: Moment, _ bounds: Bounds) -> Bool {
    guard let last = believed, last.value.mantissa > 0, value.mantissa > 0, value.isBelow(last.value) else {
      return false
    }
    let digits = String(last.value.mantissa).utf8.count + Int(last.value.exponent)
    // Small registers are not built; a power of ten below is one on the way.
    guard digits >= 4, let power = Int8(exactly: digits), let rest = FixedDecimal(1, exponent: power) - last.value,
      let way = rest + value
    else { return false }
    let isShort = !FixedDecimal(1, exponent: power - 3).isBelow(way)
    return isShort && bounds.limit?.allows(way, unit, in: last.at.elapsed(until: now)) != false
  }
}
