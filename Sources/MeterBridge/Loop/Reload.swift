internal import Base
internal import Platform

/// Reads the configuration again on a thread of its own: a slow disk, or a pipe that `!file` names, must not stop the meters.
///
/// An order during a reading is carried out after it: the file may have changed behind the place that was read.
struct Reload {
  enum Outcome: Sendable {
    case read(Configuration)
    /// The mistakes, a line each. The configuration stays as it is.
    case refused([String])
  }

  private let outcomes: Mailbox<Outcome>
  private let read: @Sendable () -> Outcome
  /// When the reading began that is under way.
  private var since: Instant?
  private var isAskedAgain = false
  private var isSlownessSaid = false

  /// Nil if the system has no descriptor left.
  ///
  /// - Parameter read: Reads the file. It may take as long as it likes.
  init?(_ read: @escaping @Sendable () -> Outcome) {
    guard let outcomes = Mailbox<Outcome>() else { return nil }
    self.outcomes = outcomes
    self.read = read
  }

  /// Readable when a reading is over.
  var descriptor: Int32 { outcomes.descriptor }

  /// Whether the outcome of an order is still to come.
  var isUnderWay: Bool { since != nil }

  /// When `isSlow` has to be asked.
  var deadline: Instant? { isSlownessSaid ? nil : since.map { $0 + Limits.reloading } }

  /// Begins a reading, now or after the one under way.
  mutating func order(at now: Instant) {
    guard since == nil else { return isAskedAgain = true }
    since = now
    isSlownessSaid = false
    let isStarted = Thread.start { [read, outcomes] in _ = outcomes.post(read()) }
    if !isStarted { _ = outcomes.post(.refused(["the configuration cannot be read again: no threads left"])) }
  }

  /// The outcome of a reading that is over; nil if there is not one.
  mutating func take(at now: Instant) -> Outcome? {
    guard let outcome = outcomes.takeAll().first else { return nil }
    since = nil
    if isAskedAgain {
      isAskedAgain = false
      order(at: now)
    }
    return outcome
  }

  /// True once in a reading that takes long.
  mutating func isSlow(at now: Instant) -> Bool {
    guard let deadline, now >= deadline else { return false }
    isSlownessSaid = true
    return true
  }
}
