/// How many dead letters one register may write: a few at once, then one a minute, so that a meter that is wrong each
/// second neither wears a memory card out nor pushes the letters of others from the log.
struct DeadLetterLimiter: Equatable, Sendable {
  private static let pause = Milliseconds.minutes(1)

  private var left = Limits.lettersAtOnce
  private var refilled: Instant?
  /// Letters that were not written since the last one that was.
  private(set) var skipped = 0

  /// Asks for a letter; nil where there is none, else how many were not written before it.
  mutating func take(at now: Instant) -> Int? {
    let last = refilled ?? now
    let minutes = max(0, (now - last).count / Self.pause.count)
    left = Int(clamping: min(Int64(Limits.lettersAtOnce), Int64(left) + minutes))
    refilled = last + Milliseconds(minutes * Self.pause.count)
    guard left > 0 else {
      skipped += 1
      return nil
    }
    left -= 1
    defer { skipped = 0 }
    return skipped
  }
}
