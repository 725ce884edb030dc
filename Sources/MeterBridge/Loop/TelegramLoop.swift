internal import Base
internal import Decoders
internal import Glibc
internal import Meters
internal import MQTT
internal import Platform
internal import Publishing

/// The loop of `TelegramThread`.
struct TelegramLoop {
  /// Tells a message that comes again from a new one: a broker sends it again with the same packet identifier.
  private struct Mark: Hashable {
    var id: Int32
    var telegram: UInt64
  }

  private let mqtt: MQTTSettings
  private let orders: Mailbox<TelegramOrder>
  private let batches: Mailbox<TelegramBatch>
  private let status: Shared<BrokerStatus>
  private let connecting: MosquittoClient.Settings
  private var session: BrokerSession
  private var client: MosquittoClient?
  private var topics: [String] = []
  /// Those subscribed to on this connection.
  private var standing: Set<String> = []
  private var version = MQTTVersion.five
  private var hasSharedSubscriptions = true
  private var subscriptions = Subscriptions()
  private var hasStarted = false
  private var isStopping = false
  private var batch = 0
  /// What has come since the last batch.
  private var waiting: (telegrams: [IncomingTelegram], marks: [Mark]) = ([], [])
  /// When the last batch was handed over.
  private var posted = Instant.past
  /// How long a batch takes at least.
  private var delay = Milliseconds(0)
  /// Whether a batch is not settled. Nothing is read or written meanwhile.
  private var isHolding = false
  /// Of the last batch on this connection. Its acknowledgements may be lost with it.
  private var marks: [Mark] = []
  /// Telegrams that were taken on a connection that ended before their acknowledgement. They come again.
  private var doubtful: [Mark: Int] = [:]
  private var doubtfulUntil = Instant.past
  private var isRetainedTold = false

  init(
    _ mqtt: MQTTSettings, avoidsFive: Bool, orders: Mailbox<TelegramOrder>, batches: Mailbox<TelegramBatch>,
    status: Shared<BrokerStatus>
  ) {
    self.mqtt = mqtt
    self.orders = orders
    self.batches = batches
    self.status = status
    connecting = MosquittoClient.Settings(receivingWith: mqtt)
    session = BrokerSession(
      .init(
        brokers: mqtt.brokers, clientID: connecting.clientID, version: mqtt.onlyVersion(avoidingFive: avoidsFive)),
      seed: .random(in: .min ... .max))
  }

  mutating func run() {
    while !isStopping || isHolding { step() }
    // What came meanwhile is acknowledged behind DISCONNECT, which the broker does not read: it comes again.
    client?.holdsAnswers = false
    client?.disconnect()
    for _ in 0..<10 where client?.isOpen == true { client?.serve(milliseconds: 20) }
    client = nil
  }

  private mutating func step() {
    wait()
    let source = client
    for event in source?.takeEvents() ?? [] where client === source { handle(event) }
    post()
    for order in orders.takeAll() { take(order) }
    start()
    perform(.tick)
    subscribe()
  }

  /// Not before readings can be delivered: what waits, waits better at the broker than in our journal.
  private mutating func start() {
    guard !hasStarted, !topics.isEmpty, status.current.isConnected else { return }
    hasStarted = true
    perform(.start)
  }

  private func wait() {
    var milliseconds: Int64 = hasStarted ? 1_000 : 50
    if let deadline = session.deadline { milliseconds = min(milliseconds, (deadline - Clock.now()).count) }
    let timeout = client?.hasEvents == true ? 0 : Int32(max(0, milliseconds))
    if let client {
      client.holdsAnswers = isHolding
      client.serve(milliseconds: timeout, wake: orders.descriptor)
    } else {
      var polled = pollfd(fd: orders.descriptor, events: Int16(POLLIN), revents: 0)
      _ = unsafe poll(&polled, 1, timeout)
    }
  }

  private mutating func take(_ order: TelegramOrder) {
    switch order {
    case .topics(let wanted): topics = wanted
    case .settled(let number):
      guard number == batch else { return }
      isHolding = false
      // A machine that stands still for a moment is no distant broker.
      delay = min(Clock.now() - posted, Milliseconds(delay.count + 1))
      client?.packetsAtOnce = min(max(1, Int(delay.count / Limits.telegramTurn.count)), Limits.packetsAtOnce)
    case .stop: isStopping = true
    }
  }

  // MARK: The connection

  private mutating func handle(_ event: MosquittoClient.Event) {
    switch event {
    case .accepted(let told):
      hasSharedSubscriptions = told.hasSharedSubscriptions
      perform(.accepted)
    case .reached: perform(.reached)
    case .refused(let reason, let words): perform(.refused(reason: reason, words: words))
    case .closed(let cause): perform(.closed(cause))
    case .published: break
    case .subscribed(let id, let granted, let words):
      subscriptions.answered(id, granted: granted, words)
    case .message(let message): take(message)
    }
  }

  private mutating func perform(_ event: BrokerSession.Event) {
    for action in session.handle(event, at: Clock.now()) { perform(action) }
  }

  private mutating func perform(_ action: BrokerSession.Action) {
    switch action {
    case .open(let attempt): open(attempt)
    case .close:
      client = nil
      standing = []
      subscriptions = Subscriptions()
      // What was just taken is handed over all the same. A connection that fails has nothing more to doubt.
      for mark in marks + waiting.marks { doubtful[mark, default: 0] += 1 }
      (marks, waiting.marks) = ([], [])
    case .established(let spoken):
      version = spoken
      doubtfulUntil = Clock.now() + Limits.redelivery
    case .lost: break
    case .log(let severity, let text): Log.write(LogLevel(severity), "telegrams: \(text)")
    }
  }

  private mutating func open(_ attempt: BrokerSession.Attempt) {
    do throws(ConnectFailure) {
      client = try .connecting(connecting, attempt, as: mqtt)
      client?.packetsAtOnce = 1
      perform(.opened)
    } catch {
      perform(.failed(error))
    }
  }

  /// On a new connection, and when topics have come or gone.
  private mutating func subscribe() {
    guard let client, session.isConnected else { return }
    for topic in standing.subtracting(topics) { client.unsubscribe(topic) }
    for topic in topics where !standing.contains(topic) && maySubscribe(topic) {
      subscriptions.ask(topic, qos: 1, by: client)
    }
    standing = Set(topics)
  }

  /// False for a shared subscription that the broker does not have: asked for one, it would end the connection.
  private func maySubscribe(_ topic: String) -> Bool {
    guard TopicFilter.isShared(topic) else { return true }
    guard hasSharedSubscriptions else {
      Log.write(.error, "telegrams: the broker has no shared subscriptions, so nothing comes from \(topic)")
      return false
    }
    if version == .threeOneOne {
      Log.write(.warning, "telegrams: over MQTT 3.1.1 some brokers do not know shared subscriptions, such as \(topic)")
    }
    return true
  }

  // MARK: Telegrams

  private mutating func take(_ message: MosquittoClient.Message) {
    guard !message.isRetained else {
      guard !isRetainedTold else { return }
      isRetainedTold = true
      return Log.write(.notice, "telegrams: \(message.topic) has a retained message; it is old and not read")
    }
    guard !message.payload.isEmpty else { return }
    let telegram = IncomingTelegram(
      topic: message.topic, payload: message.payload, time: message.time, isCut: message.size > message.payload.count)
    if message.id > 0 {
      let mark = Mark(
        id: message.id, telegram: stableHash(Array(telegram.topic.utf8) + telegram.payload + (telegram.time ?? "").utf8)
      )
      if Clock.now() >= doubtfulUntil { doubtful = [:] }
      if let count = doubtful[mark] {
        doubtful[mark] = count > 1 ? count - 1 : nil
        return
      }
      waiting.marks.append(mark)
    }
    waiting.telegrams.append(telegram)
  }

  /// Hands over what has come. One batch is under way at a time, so the mailbox has room.
  private mutating func post() {
    guard !waiting.telegrams.isEmpty, !isHolding else { return }
    batch += 1
    posted = Clock.now()
    isHolding = batches.post(TelegramBatch(number: batch, telegrams: waiting.telegrams))
    marks = waiting.marks
    waiting = ([], [])
  }
}

extension MosquittoClient.Settings {
  /// Client ids have 23 characters at most, so a hash tells those of long ones apart.
  fileprivate init(receivingWith mqtt: MQTTSettings) {
    let main = mqtt.clientID ?? ClientID.standard()
    let hash = UInt32(truncatingIfNeeded: stableHash(main.utf8))
    self.init(
      clientID: "\(main.prefix(14))-\(String(hash, width: 8, radix: 16))",
      keepAlive: Int32(clamping: mqtt.keepAlive.count / 1000), tls: mqtt.tls)
    payloadKept = Limits.incomingMessageBytes
    isKept = true
  }
}
