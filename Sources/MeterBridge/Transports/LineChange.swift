internal import Base
internal import Meters

/// The settings of an open serial line, and a change of them that waits until everything that was sent has left the wire.
struct LineChange {
  /// The settings that stand.
  private(set) var line: LineSettings
  /// The settings that were ordered; nil for none.
  private(set) var next: LineSettings?
  /// When the last byte that was sent has left.
  private var emptyAt = Instant.past
  private var retryAt = Instant.past

  /// What an adapter or a gateway needs to begin to send.
  private static let margin = Milliseconds(5)
  /// Between two looks at a port that still holds bytes.
  private static let pause = Milliseconds(5)

  init(_ line: LineSettings) { self.line = line }

  /// When to look whether the change can be made; nil for never.
  var deadline: Instant? { next == nil ? nil : max(emptyAt + Self.margin, retryAt) }

  mutating func sent(_ count: Int, now: Instant) { emptyAt = max(emptyAt, now) + line.transmission(of: count) }

  mutating func order(_ line: LineSettings) { next = line }

  /// The settings that are due.
  ///
  /// - Parameters:
  ///   - isEmpty: whether the port holds no more bytes.
  ///   - now: the time.
  ///   - address: the source, for the error.
  /// - Returns: nil if there are none, or not yet.
  /// - Throws: where the port does not get rid of its bytes.
  mutating func due(isEmpty: Bool, now: Instant, of address: SourceAddress) throws(SourceError) -> LineSettings? {
    guard let next, let deadline, now >= deadline else { return nil }
    if isEmpty { return next }
    guard now < emptyAt + Limits.comPortSetup else { throw SourceError("\(address.name) takes no more bytes") }
    retryAt = now + Self.pause
    return nil
  }

  /// The change is over.
  mutating func settled(isDone: Bool) {
    if isDone, let next { line = next }
    next = nil
  }
}
