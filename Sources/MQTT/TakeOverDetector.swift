internal import Base

/// Finds out that another client uses the client id: the broker then ends our connection, and accepts us again at once.
///
/// Brokers of MQTT 5 name that reason, all others do not. A broker that goes down does not accept the try that follows at
/// once.
struct TakeOverDetector: Sendable {
  enum Finding: Equatable, Sendable {
    case nothing
    /// One of two such clients soon waits for minutes. The other keeps its connection until the first comes back.
    case suspicion
    case takeOver
  }

  private static let shortSession = Milliseconds.seconds(10)
  private static let shortSessionsOfATakeOver = 3
  private static let cutsOfASuspicion = 3
  /// nats-server closes after a second. A broker that is just going down closes at once.
  private static let shutOutAfter = Milliseconds(500)
  private static let suspiciousPeriod = Milliseconds.minutes(10)

  /// Connections in a row that the broker accepted, soon cut, and accepted again at once.
  private var shortSessions = 0
  /// The ends of the last connections in a row that were cut at any age and accepted again at once.
  private var cuts: [Instant] = []
  /// Whether the broker closed a try after the last cut instead of answering it.
  private var wasShutOut = false

  /// Whether the end of a connection of this age looks like a take-over.
  static func isCut(_ cause: DisconnectCause, lasted: Milliseconds) -> Bool {
    cause == .lost && lasted < shortSession
  }

  /// An accepted connection ended.
  mutating func lost(_ cause: DisconnectCause, lasted: Milliseconds, at now: Instant) -> Finding {
    wasShutOut = false
    shortSessions = Self.isCut(cause, lasted: lasted) ? shortSessions + 1 : 0
    cuts = cause == .lost ? cuts.filter { now - $0 < Self.suspiciousPeriod } + [now] : []
    if case .reason(DisconnectReason.takenOver, _) = cause { return .takeOver }
    if shortSessions >= Self.shortSessionsOfATakeOver { return .takeOver }
    return cuts.count >= Self.cutsOfASuspicion ? .suspicion : .nothing
  }

  /// A try failed after some time, perhaps (`isBehindCut`) just after another broker has cut us. Returns whether that still
  /// fits a take-over: nats-server closes the connection of a client that comes back within a second, once, and a second
  /// later; another node of its cluster at once. Any other failure explains the cuts better.
  mutating func failed(_ failure: ConnectFailure, lasted: Milliseconds, isBehindCut: Bool) -> Bool {
    let isShutOut = lasted >= Self.shutOutAfter && shortSessions > 0 && !wasShutOut
    if failure == .unanswered, isShutOut || isBehindCut {
      wasShutOut = true
      return true
    }
    self = TakeOverDetector()
    return false
  }

  /// The broker refused a try.
  mutating func refused() { self = TakeOverDetector() }
}
