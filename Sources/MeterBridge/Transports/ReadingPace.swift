internal import Base

/// When a source is read again: at once, or after a rest.
///
/// One that sends nothing but noise rests, so that it does not cost the time of the others; a telegram that can be decoded
/// ends that. Bytes that nobody waits for rest as well: to be woken for each telegram costs more than to decode it.
///
/// Nothing is thrown away: a TCP connection waits, and a serial line is read faster than it brings bytes.
struct ReadingPace: Sendable {
  private let isLimited: Bool
  /// The longest rest of a line; nil for any.
  private let longest: Milliseconds?
  /// Bytes since the last telegram.
  private var bytes = 0
  private var noiseUntil: Instant?
  private var gathersUntil: Instant?

  /// - Parameters:
  ///   - isLimited: false for files.
  ///   - baud: the speed of a serial line; its buffer of 4 KiB must not fill up meanwhile.
  init(isLimited: Bool, baud: Int?) {
    let halfBuffer = Int64(Limits.readBytes) / 2 * 10 * 1000
    longest = baud.map { Milliseconds(halfBuffer / Int64($0)) }
    self.isLimited = isLimited
  }

  /// When it is read again; nil for now.
  var restsUntil: Instant? { noiseUntil ?? gathersUntil }

  /// - Parameters:
  ///   - count: The bytes that were read.
  ///   - canWait: Whether nobody waits for those that follow.
  ///   - now: The time.
  mutating func received(_ count: Int, canWait: Bool = false, now: Instant) {
    bytes = min(bytes + count, Limits.noiseBytes + 1)
    guard isLimited else { return }
    if bytes > Limits.noiseBytes { noiseUntil = now + rest(Limits.noisePause) }
    // So many may be more than a rest brings: others wait.
    if canWait, count < Limits.readBytes / 4 { gathersUntil = now + rest(Limits.gathering) }
  }

  private func rest(_ usual: Milliseconds) -> Milliseconds { longest.map { min($0, usual) } ?? usual }

  /// Ends rests that are over. Whatever else is due ends the gathering too, because what came meanwhile comes first.
  ///
  /// - Returns: whether bytes may have gathered, and are to be read.
  mutating func tick(now: Instant) -> Bool {
    if let until = noiseUntil, now >= until { noiseUntil = nil }
    defer { gathersUntil = nil }
    return noiseUntil == nil && gathersUntil != nil
  }

  /// A telegram could be decoded.
  mutating func end() {
    bytes = 0
    noiseUntil = nil
  }
}
