internal import Base

/// A command in flight, and the wait for its answer.
struct SKSTACKExchange: Sendable {
  let command: SKSTACKCommand
  private var tries = 1
  /// The end of the wait.
  private(set) var until: Instant
  /// Whether the dongle has written something that only this command causes.
  var isHeard = false

  private static let limit = 3

  init(_ command: SKSTACKCommand, now: Instant) {
    self.command = command
    until = now + command.patience
  }

  /// Begins another try; false after the last.
  mutating func beginNextTry(now: Instant) -> Bool {
    guard tries < Self.limit else { return false }
    tries += 1
    until = now + command.patience
    return true
  }
}
