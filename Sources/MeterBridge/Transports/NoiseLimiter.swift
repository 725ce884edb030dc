internal import Base

/// Reads a source less often that sends nothing but noise, so that it does not cost the time of the others.
///
/// Nothing is thrown away: a TCP connection waits, and a serial line is read faster than it brings bytes. A telegram that can
/// be decoded ends it.
struct NoiseLimiter: Sendable {
  private let pause: Milliseconds?
  /// Bytes since the last telegram.
  private var bytes = 0
  /// When it is read again; nil for now.
  private(set) var restsUntil: Instant?

  /// - Parameters:
  ///   - isLimited: false for files.
  ///   - baud: the speed of a serial line; its buffer of 4 KiB must not fill up meanwhile.
  init(isLimited: Bool, baud: Int?) {
    let halfBuffer = Int64(Limits.readBytes) / 2 * 10 * 1000
    let longest = baud.map { Milliseconds(halfBuffer / Int64($0)) } ?? Limits.noisePause
    pause = isLimited ? min(Limits.noisePause, longest) : nil
  }

  mutating func received(_ count: Int, now: Instant) {
    bytes = min(bytes + count, Limits.noiseBytes + 1)
    if let pause, bytes > Limits.noiseBytes { restsUntil = now + pause }
  }

  mutating func tick(now: Instant) {
    if let until = restsUntil, now >= until { restsUntil = nil }
  }

  /// A telegram could be decoded.
  mutating func end() {
    bytes = 0
    restsUntil = nil
  }
}
