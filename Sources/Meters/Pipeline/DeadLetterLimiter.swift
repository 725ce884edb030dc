internal import Base

/// Limits the dead letters of one register: a few at once, then one a minute. A meter that is wrong each second must neither
/// wear out a memory card nor push the letters of others from the log.
struct DeadLetterLimiter: Equatable, Sendable {
  private static let pause = Milliseconds.minutes(1)

  private var left = Limits.lettersAtOnce
  private var refilled: Instant?
  /// Letters that were not written since the last one that was.
  private(set) var skipped = 0

  /// Asks to write a letter; nil where it may not be written, else how many were skipped before it.
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
