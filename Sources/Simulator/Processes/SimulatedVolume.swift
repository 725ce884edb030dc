/// Gas or water running through a pipe.
struct SimulatedVolume: SimulatedProcess {
  /// The consumer.
  enum Use: Sendable { case heating, taps }

  /// The last capture in the meter that passes its readings on.
  struct Capture: Equatable, Sendable {
    /// Seconds since 1970.
    var second: Int64
    var litres: Int64
  }

  /// Litres.
  private(set) var total: Totalizer
  /// Litres an hour.
  private(set) var flow: Int64
  /// The reading of the last full interval.
  private(set) var capture: Capture
  /// The reading at the turn of the month.
  private(set) var monthCapture: Capture
  var second: Int64?
  private let use: Use
  private let usualFlow: Int64
  private let interval: Int64
  private let chance: Chance

  /// - Parameters:
  ///   - start: litres at first.
  ///   - flow: litres an hour at first, and the usual size of it.
  ///   - use: what makes it run.
  ///   - interval: seconds between two captures.
  ///   - seed: equal seeds give equal days.
  init(start: Int64, flow: Int64, use: Use, interval: Int64 = 300, seed: UInt64) {
    total = Totalizer(start)
    self.flow = flow
    capture = Capture(second: 0, litres: start)
    monthCapture = capture
    self.use = use
    usualFlow = flow
    self.interval = interval
    chance = Chance(seed: seed)
  }

  mutating func begin(at second: Int64) {
    capture.second = second.quotient(flooring: interval) * interval
    monthCapture.second = LocalClock.standard.monthStart(second)
  }

  mutating func accumulate(seconds: Int64, from second: Int64) { total.add(flow * seconds, per: 3600) }

  mutating func observe(at second: Int64) {
    let boundary = second.quotient(flooring: interval) * interval
    if boundary > capture.second { capture = Capture(second: boundary, litres: total.count) }
    // No step crosses a quarter hour, so no turn of the month is missed.
    if second % 900 == 0 {
      let month = LocalClock.standard.monthStart(second)
      if month > monthCapture.second { monthCapture = Capture(second: month, litres: total.count) }
    }
    let time = LocalClock.central.time(second)
    switch use {
    case .heating:
      let unrest = 900 + chance.below(201, slot: second / 30, stream: 1)
      flow = usualFlow * DayShape.heating.permille(time) / 1000 * unrest / 1000
    case .taps:
      let isOpen = chance.below(1000, slot: second / 60, stream: 2) < DayShape.taps.permille(time)
      flow = isOpen ? usualFlow + usualFlow * chance.below(500, slot: second / 60, stream: 3) / 1000 : 0
    }
  }
}
