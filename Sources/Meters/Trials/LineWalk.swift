package import Base

/// Listens to one source for a telegram, with each of some line settings in turn.
///
/// Bytes and time go in. The next line settings, or the end, come out.
package struct LineWalk: Sendable {
  package enum Step: Equatable, Sendable {
    /// Open the port again with these settings.
    case use(LineSettings)
    /// A telegram, with the settings of `line`.
    case found(TelegramTrial.Finding)
    /// No telegram with any settings. `heard` has what came instead.
    case ended
  }

  /// What came with each of the settings so far; the last one is in use.
  package private(set) var heard: [HeardLine]
  /// The bytes with the settings in use.
  package private(set) var telegrams: TelegramTrial
  /// How long to listen with each of the settings.
  private let time: Milliseconds
  private let candidates: [ProtocolDescription]
  private var others: ArraySlice<LineSettings>
  private var until: Instant
  private var lookAt: Instant?
  private var isOver = false

  /// The silence behind a telegram, or the time after which a stream without a pause is looked at.
  private static let pause = Milliseconds(500)

  /// - Parameters:
  ///   - lines: the settings to try, at least one. A source without a line has one that does not matter.
  ///   - candidates: the protocols to look for.
  ///   - time: how long to listen with each of the settings.
  ///   - now: the time.
  package init(_ lines: [LineSettings], candidates: [ProtocolDescription], time: Milliseconds, now: Instant) {
    heard = [HeardLine(lines[0])]
    others = lines.dropFirst()
    telegrams = TelegramTrial(candidates)
    self.candidates = candidates
    self.time = time
    until = now + time
  }

  /// The settings in use.
  package var line: LineSettings { heard[heard.count - 1].line }

  /// When `tick` is due; nil after the end.
  package var deadline: Instant? { isOver ? nil : min(until, lookAt ?? until) }

  /// How many of the settings are still to be tried.
  package var remaining: Int { others.count }

  /// When the time with these settings is over.
  package var patience: Instant { until }

  /// Takes bytes.
  package mutating func received(_ input: LineInput, now: Instant) {
    heard[heard.count - 1].append(input)
    telegrams.append(input)
    lookAt = lookAt ?? now + Self.pause
  }

  /// The source has ended, and nothing more will come.
  package mutating func ended(now: Instant) { until = now }

  /// Does what is due.
  ///
  /// - Returns: what to do now; nil to go on listening.
  package mutating func tick(now: Instant) -> Step? {
    guard !isOver else { return nil }
    let isLast = now >= until
    if isLast || lookAt.map({ now >= $0 }) ?? false {
      lookAt = nil
      if let finding = telegrams.look() {
        isOver = true
        return .found(finding)
      }
    }
    guard isLast else { return nil }
    // A meter that sends is heard with any settings, only not understood.
    let isHeard = heard.contains { $0.count > 0 }
    guard isHeard, let next = others.popFirst() else {
      isOver = true
      return .ended
    }
    heard.append(HeardLine(next))
    telegrams = TelegramTrial(candidates)
    until = now + time
    return .use(next)
  }
}
