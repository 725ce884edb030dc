internal import Base

/// Limits the dead letters of one register: a few at once, then one a minute.
///
/// A meter may be wrong each second. It must not wear out a memory card, nor push the letters of others out of the log.
struct DeadLetterLimiter: Equatable, Sendable {
  private static let pause = Milliseconds.minutes(1)

  private var left = Limits.lettersAtOnce
  private var refilled: Instant?
  /// The number of letters skipped since the last one that was written.
  private(set) var skipped = 0

  /// Asks to write a letter. Returns the number of skipped letters before it, or nil if it must not be written.
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
