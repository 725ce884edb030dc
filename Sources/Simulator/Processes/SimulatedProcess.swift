internal import Base

/// A process in simulated time: momentary values that hold for a while, and totals that they fill.
///
/// Its clock starts with the first look, which therefore finds exactly the start values.
protocol SimulatedProcess: Sendable {
  /// The last second it was looked at, since 1970; nil before the first look.
  var second: Int64? { get set }
  /// The first look.
  mutating func begin(at second: Int64)
  /// Adds to the totals what the momentary values make of so many seconds.
  mutating func accumulate(seconds: Int64, from second: Int64)
  /// Sets the momentary values.
  mutating func observe(at second: Int64)
  /// Seconds for which momentary values hold.
  static var step: Int64 { get }
}

extension SimulatedProcess {
  static var step: Int64 { 1 }
  mutating func begin(at second: Int64) {}

  /// Brings it to a moment. Time that stands still or runs backwards changes nothing.
  mutating func advance(to time: WallTime) {
    let target = time.milliseconds.quotient(flooring: 1000)
    guard var at = second else {
      second = target
      return begin(at: target)
    }
    guard target > at else { return }
    // Second by second, or as long as values hold; in longer steps where much time has passed, so that no look takes
    // long. None crosses a quarter hour, where tariffs, captures and averages change.
    let step = max(Self.step, (target - at) / 100)
    while at < target {
      let seconds = min(step, target - at, 900 - (at - at.quotient(flooring: 900) * 900))
      accumulate(seconds: seconds, from: at)
      at += seconds
      observe(at: at)
    }
    second = at
  }
}

/// A register that only rises, with what does not yet make a whole unit.
struct Totalizer: Equatable, Sendable, ExpressibleByIntegerLiteral {
  /// The value of the register.
  private(set) var count: Int64
  private var rest: Int64 = 0

  init(_ count: Int64) { self.count = count }
  init(integerLiteral value: Int64) { self.init(value) }

  /// Adds an amount of which `unit` make one step of the register; nothing for a negative amount.
  mutating func add(_ amount: Int64, per unit: Int64) {
    rest += max(0, amount)
    count += rest / unit
    rest %= unit
  }
}
