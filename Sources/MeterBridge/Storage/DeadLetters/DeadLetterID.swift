internal import Base
internal import Decoders

/// Names one dead letter for good: unique, and in the order of writing wherever it is sorted.
///
/// Milliseconds since 1970 times 1024, in base 36 with lower-case letters: `0hk3vk2a1s0` of eleven digits. The letters of
/// one millisecond count up from there.
struct DeadLetterID: Hashable, Comparable, Sendable {
  fileprivate let number: UInt64

  fileprivate init(number: UInt64) { self.number = number }

  /// Nil if the text is not an id.
  init?(_ text: String) {
    let hasSign = text.first == "+" || text.first == "-"
    guard text.utf8.count >= Self.digits, !hasSign, let number = UInt64(text, radix: 36) else { return nil }
    self.number = number
  }

  static func < (left: DeadLetterID, right: DeadLetterID) -> Bool { left.number < right.number }

  fileprivate static let digits = 11
}

extension DeadLetterID: CustomStringConvertible {
  var description: String { String(number, width: Self.digits, radix: 36) }
}

/// Gives the ids. They rise even where the clock jumps back, and over restarts.
struct DeadLetterNumbering: Sendable {
  private var last: UInt64

  /// Goes on after the newest letter of the log.
  init(after newest: DeadLetterID? = nil) { last = newest?.number ?? 0 }

  mutating func next(at time: WallTime) -> DeadLetterID {
    let milliseconds = UInt64(clamping: time.milliseconds)
    last = max(last &+ 1, milliseconds.multipliedReportingOverflow(by: 1024).partialValue)
    return DeadLetterID(number: last)
  }
}
