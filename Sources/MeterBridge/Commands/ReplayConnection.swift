internal import Base
internal import Decoders
internal import Glibc
internal import MQTT
internal import Platform
internal import Publishing

/// The connection of a command that exchanges a few messages and ends: a client id of its own and no will, so that it may
/// run beside the daemon.
final class ReplayConnection {
  enum Failure: Error, Equatable {
    /// The broker does not take this message.
    case refused(Refusal)
    /// No broker, or none that answers.
    case unreachable
  }

  /// A message of a subscription.
  struct Message: Equatable {
    var topic: String
    var payload: [UInt8]
    var isRetained: Bool
  }

  private let settings: MQTTSettings
  private let clientSettings: MosquittoClient.Settings
  /// How long a message may take, connecting included.
  private let patience: Milliseconds
  private let complain: (String) -> Void
  private var session: BrokerSession
  private var version = MQTTVersion.five
  private var client: MosquittoClient?
  private var hasBegun = false
  /// Messages that have come and are not taken yet.
  private var messages: [Message] = []
  /// Why the connection failed, in the session's words.
  private var reason: String?

  /// - Parameters:
  ///   - settings: the broker.
  ///   - purpose: a short word for the client id.
  ///   - patience: how long a message may take, connecting included.
  ///   - complain: takes what the user must know.
  init(
    _ settings: MQTTSettings, purpose: String = "replay", patience: Milliseconds, complain: @escaping (String) -> Void
  ) {
    self.settings = settings
    self.patience = patience
    self.complain = complain
    let clientID = "meterbridge-\(purpose)-" + String(UInt16.random(in: .min ... .max), width: 4, radix: 16)
    var clientSettings = MosquittoClient.Settings(
      clientID: clientID, keepAlive: Int32(clamping: settings.keepAlive.count / 1000),
      tls: settings.tls)
    clientSettings.payloadKept = Limits.incomingMessageBytes
    self.clientSettings = clientSettings
    session = BrokerSession(
      .init(brokers: settings.brokers, clientID: clientID, version: settings.onlyVersion),
      seed: .random(in: .min ... .max))
  }

  /// Publishes with QoS 1, connecting first where it must, and returns when the broker has it.
  ///
  /// - Parameters:
  ///   - topic: where to.
  ///   - payload: what.
  ///   - retain: whether the broker keeps it.
  /// - Returns: false if the broker reports no subscriber (MQTT 5).
  /// - Throws: why the broker does not have it.
  @discardableResult
  func publish(_ topic: String, _ payload: [UInt8], retain: Bool = false) throws(Failure) -> Bool {
    if let limit = settings.maximumPacketSize,
      PublishPacket.size(topicBytes: topic.utf8.count, payloadBytes: payload.count, qos: 1, version: version) > limit
    {
      throw .refused(.packetTooLarge)
    }
    begin()
    let deadline = Clock.now() + patience
    var sent: Int32?
    while Clock.now() < deadline {
      if session.isConnected, sent == nil, let client {
        switch client.publish(topic, payload, qos: 1, retain: retain) {
        case .sent(let id): sent = id
        case .refused(let refusal): throw .refused(refusal)
        }
      }
      for event in serve() {
        switch event {
        case .published(let id, let reason, _) where id == sent:
          if let refusal = Refusal(reason: reason) { throw .refused(refusal) }
          return reason != MosquittoClient.noSubscriber
        case .closed: sent = nil
        default: break
        }
      }
    }
    complain(reason ?? "the broker \(session.broker) does not acknowledge the message on \(topic)")
    throw .unreachable
  }

  /// Subscribes, connecting first where it must, and returns when the broker has agreed.
  ///
  /// - Throws: why the broker has not.
  func subscribe(_ filter: String) throws(Failure) {
    begin()
    let deadline = Clock.now() + patience
    var sent: Int32?
    while Clock.now() < deadline {
      if session.isConnected, sent == nil, let client { sent = client.subscribe(filter, qos: 1) }
      for event in serve() {
        switch event {
        case .subscribed(let id, let granted, _) where id == sent:
          // MQTT 3.1.1 has one code for all failures, 0x80 (section 3.9.3).
          if let code = granted.first, code >= 0x80 {
            throw .refused(code == 0x80 ? .notAuthorized : Refusal(reason: code) ?? .notAuthorized)
          }
          return
        case .closed: sent = nil
        default: break
        }
      }
    }
    complain(reason ?? "the broker \(session.broker) does not answer the subscription to \(filter)")
    throw .unreachable
  }

  /// Whether the broker was there in the last round.
  var isConnected: Bool { session.isConnected }

  /// The next message of the subscriptions; nil if none comes in this time.
  func nextMessage(within time: Milliseconds) -> Message? {
    let deadline = Clock.now() + time
    while messages.isEmpty, Clock.now() < deadline { _ = serve() }
    return messages.isEmpty ? nil : messages.removeFirst()
  }

  private func begin() {
    if !hasBegun { handle(.start) }
    hasBegun = true
  }

  /// Whether the broker speaks MQTT 3.1.1, which does not tell what it refuses.
  var hidesRefusals: Bool { version == .threeOneOne }

  /// Says goodbye.
  func close() {
    client?.disconnect()
    client = nil
  }

  /// One round of the connection, or a rest until it is to be tried again.
  private func serve() -> [MosquittoClient.Event] {
    handle(.tick)
    guard let client else {
      usleep(50_000)
      return []
    }
    client.serve(milliseconds: 100)
    let events = client.takeEvents()
    for event in events {
      switch event {
      case .accepted: handle(.accepted)
      case .reached: handle(.reached)
      case .refused(let reason, let words): handle(.refused(reason: reason, words: words))
      case .closed(let closing): handle(.closed(closing))
      case .message(let new):
        messages.append(Message(topic: new.topic, payload: new.payload, isRetained: new.isRetained))
      case .published, .subscribed: break
      }
    }
    return events
  }

  private func handle(_ event: BrokerSession.Event) {
    for action in session.handle(event, at: Clock.now()) {
      switch action {
      case .open(let attempt): open(attempt)
      case .close: client = nil
      case .established(let spoken): version = spoken
      case .lost(let text): reason = text
      case .log(let severity, let text): if severity == .error { reason = text }
      }
    }
  }

  private func open(_ attempt: BrokerSession.Attempt) {
    do throws(ConnectFailure) {
      client = try .connecting(clientSettings, attempt, as: settings)
      handle(.opened)
    } catch {
      handle(.failed(error))
    }
  }
}
