/// The capacity tariff's registers of a Belgian meter: the running quarter hour, the month's peak, the peaks before.
struct QuarterHourDemand: Sendable {
  /// The greatest average of a month.
  struct Peak: Equatable, Sendable {
    /// Seconds since 1970 of the end of its quarter hour.
    var second: Int64
    /// W.
    var power: Int64
  }

  /// A month that has ended.
  struct Month: Equatable, Sendable {
    /// Seconds since 1970.
    var end: Int64
    var peak: Peak
  }

  /// Months that the meter keeps.
  static let monthsKept = 13

  private(set) var peak = Peak(second: 0, power: 0)
  /// Oldest first.
  private(set) var history: [Month] = []
  /// W × s since the quarter hour began.
  private var energy: Int64 = 0
  private var quarter: Int64 = 0
  private var month: Int64 = 0

  /// W: what the quarter hour has so far, as if nothing more came.
  var average: Int64 { energy / 900 }

  /// The start values of a meter in use for some months.
  mutating func begin(at second: Int64, chance: Chance) {
    quarter = second / 900
    month = LocalClock.central.monthStart(second)
    var end = month
    for index in 0..<4 {
      let before = LocalClock.central.monthStart(end - 1)
      let moment = before + (end - before) / 900 * chance.below(1000, slot: Int64(index), stream: 70) / 1000 * 900
      let power = 2500 + chance.below(3000, slot: Int64(index), stream: 71)
      history.insert(Month(end: end, peak: Peak(second: max(before + 900, moment), power: power)), at: 0)
      end = before
    }
    peak = Peak(second: month + (quarter * 900 - month) / 1800 * 900, power: 2350)
  }

  /// Counts import of so many W for some seconds.
  mutating func add(_ power: Int64, seconds: Int64, from second: Int64) {
    energy += max(0, power) * seconds
    let end = second + seconds
    guard end / 900 > quarter else { return }
    quarter = end / 900
    if average > peak.power { peak = Peak(second: quarter * 900, power: average) }
    energy = 0
    let start = LocalClock.central.monthStart(end)
    guard start > month else { return }
    month = start
    history.append(Month(end: start, peak: peak))
    history.removeFirst(max(0, history.count - Self.monthsKept))
    peak = Peak(second: end / 900 * 900, power: 0)
  }
}
