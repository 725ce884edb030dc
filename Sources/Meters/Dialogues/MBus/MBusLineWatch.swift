internal import Base

/// The condition of the line of an M-Bus.
package enum MBusCondition: String, Equatable, Sendable {
  case good
  /// Nothing comes back, from any meter: the level converter is off or unplugged, or a wire is broken.
  case silent
  /// Only bytes that are not answers come back: a short, or wrong line settings.
  case disturbed
}

/// Tells a dead line from meters that do not answer.
///
/// A line is dead when each of its meters was given up without a telegram in between. It is suspected sooner, when many
/// tries at several meters have failed, all of which may work. Then it is dead if no meter that answered last time does so
/// now, or not one of several. A meter alone on its bus is its line: both are dead when it was given up twice.
struct MBusLineWatch: Sendable {
  private let meters: Int
  private(set) var condition = MBusCondition.good
  /// When the first try after the last telegram failed; nil before.
  private var quietSince: Instant?
  /// Failed tries since the last telegram.
  private var failures = 0
  /// Those of them in which bytes came.
  private var damages = 0
  /// Those of them at meters that were not missing before.
  private var surprises = 0
  private var surprising: Set<Int> = []
  /// Meters that answered the last time, but not since the last telegram.
  private var turned: Set<Int> = []
  private var givenUp: Set<Int> = []
  /// How often any meter was given up since the last telegram.
  private var surrenders = 0

  init(meters: Int) { self.meters = meters }

  var isDead: Bool { condition != .good }

  /// Whether a try at a meter has failed since the last telegram, although it answered before.
  func hasTurned(_ meter: Int) -> Bool { turned.contains(meter) }

  /// A telegram of any meter came. Returns whether the line was dead.
  mutating func heard() -> Bool {
    let wasDead = isDead
    self = MBusLineWatch(meters: meters)
    return wasDead
  }

  /// A try at a meter has failed.
  ///
  /// - Parameters:
  ///   - meter: its place.
  ///   - failure: how.
  ///   - before: whether it answered the last time; nil if it was never asked.
  ///   - now: the time.
  mutating func failed(_ meter: Int, _ failure: MBusFailure, before: Bool?, now: Instant) {
    // Other meters answered, so the line works.
    guard failure != .strangers else {
      self = MBusLineWatch(meters: meters)
      return
    }
    quietSince = quietSince ?? now
    failures += 1
    if failure == .damage { damages += 1 }
    if before == true { turned.insert(meter) }
    guard before != false else { return }
    surprises += 1
    surprising.insert(meter)
  }

  /// A meter was given up.
  mutating func gaveUp(_ meter: Int) {
    givenUp.insert(meter)
    surrenders += 1
  }

  private var haveAllFailed: Bool { givenUp.count == meters && surrenders > 1 }

  /// Whether the line may be dead.
  func isSuspected(now: Instant) -> Bool {
    guard !isDead, meters > 1, let quietSince, now >= quietSince + Limits.suspicionOfDeadBus else { return false }
    return surprises >= Limits.failuresOfDeadBus && surprising.count >= Limits.metersOfDeadBus
  }

  /// Judges the line. Returns whether its condition has changed.
  ///
  /// - Parameters:
  ///   - untried: the number of meters that answered the last time and were not tried since the last telegram.
  ///   - now: the time.
  /// - Returns: whether the line is dead from now on.
  mutating func judge(untried: Int, now: Instant) -> Bool {
    guard !isDead else { return false }
    let isCertain = untried == 0 || turned.count >= Limits.metersOfDeadBus
    guard haveAllFailed || isSuspected(now: now) && isCertain else { return false }
    condition = damages * 2 > failures ? .disturbed : .silent
    return true
  }
}
