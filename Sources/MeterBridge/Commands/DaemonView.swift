internal import Base
internal import Glibc
internal import Meters
internal import Platform
internal import Publishing

/// Where `status` and `watch` look: at the API of the daemon, or without a web server at its retained topics.
enum DaemonView {
  case api(LocalRequest)
  case topics(ReplayConnection, RetainedSnapshot)

  /// Why nothing is seen, in words for people.
  struct Trouble: Error, Equatable {
    var words: String
  }

  /// - Parameters:
  ///   - configuration: that of the daemon.
  ///   - complain: takes what the user must know of the broker.
  init(_ configuration: Configuration, complain: @escaping (String) -> Void) {
    if let http = configuration.http {
      self = .api(LocalRequest(settings: http))
    } else {
      let connection = ReplayConnection(
        configuration.mqtt, purpose: "status", patience: .seconds(5), complain: complain)
      self = .topics(connection, RetainedSnapshot(configuration))
    }
  }

  /// Looks once. The first look at topics waits until they have come.
  mutating func look() throws(Trouble) -> BridgeSnapshot {
    switch self {
    case .api(let request): return try Self.look(request)
    case .topics(let connection, var retained):
      defer { self = .topics(connection, retained) }
      try Self.listen(connection, &retained)
      guard retained.isDaemonThere == true else {
        let root = retained.filter.dropLast(4)
        throw Trouble(words: "the daemon is not running: \(root)/bridge/state does not say online")
      }
      return retained.snapshot(at: Clock.wall())
    }
  }

  /// Says goodbye to the broker.
  func close() { if case .topics(let connection, _) = self { connection.close() } }

  private static func look(_ request: LocalRequest) throws(Trouble) -> BridgeSnapshot {
    do throws(LocalRequest.Failure) {
      guard let snapshot = BridgeSnapshot(list: try request.get("/api/meters"), health: try request.get("/api/health"))
      else { throw .unreadable }
      return snapshot
    } catch {
      let address = request.settings.listen
      switch error {
      case .unreachable: throw Trouble(words: "no answer on \(address): is the daemon running?")
      case .refused(status: 401):
        throw Trouble(words: "\(address) wants another password or token: restart the daemon after a change")
      case .refused(let status): throw Trouble(words: "\(address) refuses the request (\(status))")
      case .unreadable: throw Trouble(words: "the answer on \(address) is not that of MeterBridge")
      }
    }
  }

  /// Takes the messages that are there. Retained ones come in one go, so a short silence is their end.
  private static func listen(_ connection: ReplayConnection, _ retained: inout RetainedSnapshot) throws(Trouble) {
    let isFirst = retained.isDaemonThere == nil
    if isFirst {
      do throws(ReplayConnection.Failure) { try connection.subscribe(retained.filter) } catch {
        throw Trouble(words: "the broker does not show the topics \(retained.filter)")
      }
    }
    let deadline = Clock.now() + (isFirst ? Limits.retainedMessages : .seconds(1))
    while Clock.now() < deadline {
      let silence = isFirst && !retained.isComplete ? Milliseconds.seconds(1) : 200
      guard let message = connection.nextMessage(within: silence) else { break }
      retained.take(topic: message.topic, payload: message.payload)
    }
    guard connection.isConnected else {
      // The next look subscribes again.
      retained = RetainedSnapshot(retained.configuration)
      throw Trouble(words: "the broker is not connected")
    }
  }
}
