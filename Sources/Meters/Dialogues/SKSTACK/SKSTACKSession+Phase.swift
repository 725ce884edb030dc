internal import Base

/// The phases of a session. A structure holds what only its phase needs, and ends with it.
extension SKSTACKSession {
  enum Phase: Sendable {
    case closed
    /// Waits for the next try.
    case resting
    /// Asks for the dongle's version.
    case probing(SKSTACKProbe)
    /// Sends settings and credentials to the dongle.
    case configuring(Steps)
    case scanning(Scanning)
    /// Sends the meter's network to the dongle, and then the command to join.
    case approaching(Steps)
    case joining(Joining)
    case running(Running)
    case leaving(Leaving)
    case left
  }

  /// Commands that are sent one after the other.
  struct Steps: Sendable {
    private(set) var rest: ArraySlice<SKSTACKCommand>

    init(_ commands: [SKSTACKCommand]) { rest = commands[...] }

    mutating func append(_ command: SKSTACKCommand) { rest.append(command) }
    mutating func next() -> SKSTACKCommand? { rest.popFirst() }
  }

  /// The dongle listens for the meter's beacon.
  struct Scanning: Sendable {
    var scan: SKSTACKScan
    let until: Instant

    init(_ scan: SKSTACKScan, now: Instant) {
      self.scan = scan
      until = now + scan.patience
    }
  }

  /// The dongle has accepted the join; its outcome follows.
  struct Joining: Sendable {
    /// A module gives up a join after 40 s; some fall silent instead.
    private static let patience = Milliseconds.seconds(60)

    /// The meter's link-local address.
    let address: String
    let until: Instant

    init(_ address: String, now: Instant) {
      self.address = address
      until = now + Self.patience
    }
  }

  /// The meter has let us in.
  struct Running: Sendable {
    /// The module renews an expired session by itself, or says that it cannot.
    private static let renewing = Milliseconds.seconds(60)
    /// Datagrams in a row that may fail to reach the meter.
    private static let failures = 5

    /// The meter's link-local address.
    let address: String
    /// The session has expired, and the module has until then to renew it.
    private(set) var renewedBy: Instant?
    private var sendingFailures = 0

    init(_ address: String) { self.address = address }

    /// Nothing is sent in an expired session.
    var isExpired: Bool { renewedBy != nil }

    mutating func expired(now: Instant) { renewedBy = now + Self.renewing }
    mutating func renewed() { renewedBy = nil }
    mutating func acknowledged() { sendingFailures = 0 }

    /// Counts a datagram that did not reach the meter; false after too many in a row.
    mutating func toleratesFailure() -> Bool {
      sendingFailures += 1
      return sendingFailures < Self.failures
    }
  }

  /// The session has told the meter that it ends.
  struct Leaving: Sendable {
    private static let patience = Milliseconds.seconds(10)

    let until: Instant

    init(now: Instant) { until = now + Self.patience }
  }

  /// The fields of a running session; nil in every other phase, where `running?.renewed()` changes nothing.
  var running: Running? {
    get { if case .running(let running) = phase { running } else { nil } }
    set { if let newValue { phase = .running(newValue) } }
  }
}

extension SKSTACKSession.Phase {
  /// When the phase ends by itself; nil where only answers end it.
  var deadline: Instant? {
    switch self {
    case .probing(let probe): probe.settledAt
    case .scanning(let scanning): scanning.until
    case .joining(let joining): joining.until
    case .running(let running): running.renewedBy
    case .leaving(let leaving): leaving.until
    case .closed, .resting, .configuring, .approaching, .left: nil
    }
  }

  var isClosed: Bool { if case .closed = self { true } else { false } }
}
