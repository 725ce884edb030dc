internal import Base

/// The limit of air time, 360 s of an hour. The module counts across sessions, so the limit outlives the phases.
struct SKSTACKRateLimit: Sendable {
  /// The limit lasts an hour at most. If its end is missed, sending starts again after this.
  private static let longest = Milliseconds.minutes(70)

  /// Nothing is sent before this; nil without a limit.
  private(set) var until: Instant?
  private var isTold = false

  // Each of these returns the news for the user, or nil.

  mutating func begin(now: Instant) -> DialogueNews? {
    let isNew = until == nil
    until = now + Self.longest
    isTold = true
    return isNew ? .rateLimited(meter: 0, true) : nil
  }

  mutating func end() -> DialogueNews? {
    guard until != nil else { return nil }
    until = nil
    return .rateLimited(meter: 0, false)
  }

  /// The first session tells whether there is a limit.
  mutating func joined() -> DialogueNews? {
    guard !isTold else { return nil }
    isTold = true
    return .rateLimited(meter: 0, until != nil)
  }
}
