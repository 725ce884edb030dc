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
/// A line is dead when each of its meters was given up, or when many requests to several meters have failed, without any
/// telegram in between. A meter alone on its bus cannot be told from its line.
struct MBusLineWatch: Sendable {
  private let meters: Int
  private(set) var condition = MBusCondition.good
  /// Failed tries since the last telegram.
  private var failures = 0
  /// Those of them in which bytes came.
  private var damages = 0
  private var asked: Set<Int> = []
  private var givenUp: Set<Int> = []

  init(meters: Int) { self.meters = meters }

  var isDead: Bool { condition != .good }

  /// A telegram of any meter came. Returns whether the line was dead.
  mutating func heard() -> Bool {
    let wasDead = isDead
    self = MBusLineWatch(meters: meters)
    return wasDead
  }

  /// A try at a meter has failed. Returns whether the condition of the line has changed.
  mutating func failed(_ meter: Int, _ failure: MBusFailure) -> Bool {
    // Other meters answered, so the line works.
    guard failure != .strangers else {
      (failures, damages, asked, givenUp) = (0, 0, [], [])
      return false
    }
    failures += 1
    if failure == .damage { damages += 1 }
    asked.insert(meter)
    return judge()
  }

  /// A meter was given up. Returns whether the condition of the line has changed.
  mutating func gaveUp(_ meter: Int) -> Bool {
    givenUp.insert(meter)
    return judge()
  }

  private mutating func judge() -> Bool {
    guard !isDead, meters > 1 else { return false }
    let isSweeping = failures >= Limits.failuresOfDeadBus && asked.count >= Limits.metersOfDeadBus
    guard givenUp.count == meters || isSweeping else { return false }
    condition = damages * 2 > failures ? .disturbed : .silent
    return true
  }
}
