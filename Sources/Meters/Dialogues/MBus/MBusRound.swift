package import Base

/// Which meters of one bus answer, and how long it takes to read each of them once.
///
/// The first summary comes when every meter has been asked. A later one comes if other meters are missing than the last
/// one said: after each meter has been asked again, or after a minute. Meters that come and go all the time get ever fewer.
package struct MBusRound: Sendable {
  package struct Summary: Equatable, Sendable {
    package var meters: Int
    /// Meters whose last readout failed.
    package var missing: [Int]
    /// The time on the bus for the last readout of each meter.
    package var time: Milliseconds
  }

  /// The result of each meter's last readout; nil before.
  private var answered: [Bool?]
  /// The time on the bus for each meter's last readout.
  private var times: [Milliseconds]
  /// The same for the readout under way.
  private var timesSoFar: [Milliseconds]
  private var told: (missing: [Int], at: Instant)?
  private var change: Change?
  /// When other meters were missing than told, the last time.
  private var lastDifference = Instant.past
  /// The shortest time between two summaries.
  private var pause: Milliseconds = 0

  /// Other meters are missing than was told.
  private struct Change: Sendable {
    let at: Instant
    /// Whether nothing had changed for long.
    let isFirst: Bool
    /// Meters that were not asked since.
    var open: Set<Int>
  }

  private static let shortestPause = Milliseconds.minutes(1)
  private static let longestPause = Milliseconds.minutes(60)

  init(meters: Int) {
    answered = Array(repeating: nil, count: meters)
    times = Array(repeating: 0, count: meters)
    timesSoFar = times
  }

  /// A meter gives the bus back after so long, with the result of its readout; nil if the readout goes on later.
  mutating func gaveBack(_ meter: Int, after time: Milliseconds, answered isGood: Bool?, now: Instant) {
    timesSoFar[meter].count += time.count
    guard let isGood else { return }
    times[meter] = timesSoFar[meter]
    timesSoFar[meter] = 0
    answered[meter] = isGood
    guard let told else { return }
    guard missing != told.missing else { return change = nil }
    if change == nil {
      let isFirst = now >= max(told.at, lastDifference) + Self.longestPause
      change = Change(at: now, isFirst: isFirst, open: Set(answered.indices))
    }
    lastDifference = now
    change?.open.remove(meter)
  }

  /// The time on the bus for the last readout of each meter; nil before all have been asked.
  var time: Milliseconds? {
    answered.contains(nil) ? nil : Milliseconds(times.reduce(0) { $0 + $1.count })
  }

  private var missing: [Int] { answered.indices.filter { answered[$0] == false } }

  /// When `summary` is due; nil for never.
  var deadline: Instant? {
    guard let told else { return nil }
    return change.map { change in
      max(change.open.isEmpty ? change.at : change.at + Self.shortestPause, told.at + pause)
    }
  }

  /// The summary that is due by now. One meter alone does not need any.
  mutating func summary(now: Instant) -> Summary? {
    guard answered.count > 1 else { return nil }
    if told != nil {
      guard let change, let deadline, now >= deadline else { return nil }
      let longer = change.isFirst ? 0 : Milliseconds(pause.count * 2)
      pause = min(max(longer, Self.shortestPause), Self.longestPause)
    } else if answered.contains(nil) {
      return nil
    }
    told = (missing, now)
    change = nil
    return Summary(meters: answered.count, missing: missing, time: time ?? 0)
  }
}
