internal import Base

/// Counts the connections that were lost within a minute, so that the log tells of the second one too.
struct OutageCount: Sendable {
  private static let period = Milliseconds.minutes(1)
  /// Up to this number each is told, after that one a minute.
  private static let toldEach = 3

  private var losses: [Instant] = []
  private var told: Instant?

  /// A connection is lost. Returns the words for the log if it was not the only one and is worth a line.
  mutating func add(at now: Instant) -> String? {
    losses = losses.filter { now - $0 < Self.period } + [now]
    guard losses.count > 1, losses.count <= Self.toldEach || told.map({ now - $0 >= Self.period }) ?? true else {
      return nil
    }
    told = now
    return " (\(losses.count) outages in the last minute)"
  }
}
