import Testing

@testable import Base
@testable import MQTT

/// A session with a clock of its own, and what it asked for.
struct SessionRun {
  var session: BrokerSession
  var now = Instant(milliseconds: 1_000_000)
  var opened: [(at: Instant, attempt: BrokerSession.Attempt)] = []
  var log: [String] = []
  var errors: [String] = []
  var lost: [String] = []
  var established: [MQTTVersion] = []

  init(
    _ hosts: String..., version: MQTTVersion? = nil, baseTopic: String = "meterbridge", seed: UInt64 = 1
  ) {
    session = BrokerSession(
      BrokerSession.Settings(
        brokers: (hosts.isEmpty ? ["broker"] : hosts).map { BrokerAddress(host: $0, port: 1883) },
        clientID: "meterbridge-1", version: version, baseTopic: baseTopic),
      seed: seed)
  }

  mutating func feed(_ events: BrokerSession.Event...) {
    for event in events {
      for action in session.handle(event, at: now) {
        switch action {
        case .open(let attempt): opened.append((now, attempt))
        case .close: break
        case .established(let version): established.append(version)
        case .lost(let reason): lost.append(reason)
        case .log(let severity, let text):
          log.append(text)
          if severity == .error { errors.append(text) }
        }
      }
    }
  }

  /// Lets time go by until the session does something, at most an hour.
  mutating func untilNextTry() {
    let before = opened.count
    let end = now + .minutes(60)
    while opened.count == before, let deadline = session.deadline, deadline <= end {
      now = max(now, deadline)
      feed(.tick)
    }
  }

  /// The times from one try to the next.
  var gaps: [Milliseconds] { zip(opened.dropFirst(), opened).map { $0.at - $1.at } }
}
