internal import Base
internal import Glibc
internal import Meters
internal import MQTT
internal import Platform
internal import Publishing

/// The loop of `BrokerThread`. Only here the session, the outbox and the library meet, and only here clocks are read.
struct BrokerLoop {
  private var order: BrokerThread.Order
  private let inbox: Mailbox<BrokerMessage>
  private let reports: Mailbox<BrokerReport>
  private let storage: Mailbox<StorageMessage>
  private let status: Shared<BrokerStatus>
  private let connecting: MosquittoClient.Settings

  private var session: BrokerSession
  private var outbox: Outbox
  private var client: MosquittoClient?
  private var connAck = MosquittoClient.ConnAck()
  private var inFlight = InFlightMessages()
  private var subscriptions = Subscriptions()
  private var hasStarted = false
  /// Reports that found the mailbox full.
  private var unsent = Queue<BrokerReport>()
  /// Whether the journal has all orders.
  private var areOrdersPlaced = true
  private var retainedReported: Instant?

  init(
    _ order: BrokerThread.Order, inbox: Mailbox<BrokerMessage>, reports: Mailbox<BrokerReport>,
    storage: Mailbox<StorageMessage>, status: Shared<BrokerStatus>
  ) {
    self.order = order
    // The outbox has it, and it is large.
    self.order.retained.devices = []
    self.inbox = inbox
    self.reports = reports
    self.storage = storage
    self.status = status
    connecting = MosquittoClient.Settings(order.mqtt)
    session = BrokerSession(
      BrokerSession.Settings(
        brokers: order.mqtt.brokers, clientID: connecting.clientID,
        version: order.mqtt.onlyVersion(avoidingFive: order.avoidsFive), baseTopic: order.mqtt.baseTopic),
      seed: UInt64.random(in: 0...UInt64.max))
    outbox = Outbox(
      Outbox.Settings(order, started: Clock.wall()), retained: order.retained,
      seed: UInt64.random(in: 0...UInt64.max))
  }

  mutating func run() {
    if order.mqtt.tls?.isInsecure == true {
      Log.write(
        .warning, "mqtt.tls.insecure: any certificate is accepted, so others on the way can read the password")
    }
    while outbox.ending == nil { step() }
    sayGoodbye()
  }

  // MARK: One round

  private mutating func step() {
    wait()
    let now = Clock.now()
    // Answers may have waited for this round: they come before what has caused it.
    handleEvents(at: now)
    for message in inbox.takeAll() {
      outbox.take(message, at: now)
      if case .meters = message, !hasStarted {
        hasStarted = true
        perform(.start)
      }
    }
    giveUpUnanswered(at: now)
    perform(.tick)
    outbox.tick(at: now)
    subscribe()
    handOver(at: now)
    areOrdersPlaced = outbox.placeOrders(at: now) { storage.post(.journal($0), isUrgent: $0.isUrgent) }
    report(at: now)
  }

  private func wait() {
    let now = Clock.now()
    var milliseconds: Int64 = unsent.isEmpty && areOrdersPlaced ? 1_000 : 50
    if let deadline = session.deadline { milliseconds = min(milliseconds, (deadline - now).count) }
    if let deadline = outbox.deadline(at: now) { milliseconds = min(milliseconds, (deadline - now).count) }
    let timeout = client?.hasEvents == true ? 0 : Int32(max(0, milliseconds))
    if let client {
      let resting = outbox.waitsForAnswers ? 0 : inFlight.unanswered
      client.serve(milliseconds: timeout, wake: inbox.descriptor, resting: resting)
    } else {
      var polled = pollfd(fd: inbox.descriptor, events: Int16(POLLIN), revents: 0)
      _ = unsafe poll(&polled, 1, timeout)
    }
  }

  private mutating func handOver(at now: Instant) {
    var holds = false
    while let client, let message = outbox.next(at: now) {
      if !holds { client.hold(true) }
      holds = true
      let result = client.publish(
        message.topic, message.payload, qos: message.qos, retain: message.retain, properties: message.properties)
      switch result {
      case .sent(let id): inFlight.add(message.item, id: id, qos: message.qos, at: now)
      case .refused(let refusal): outbox.finish(message.item, refusal: refusal, at: now)
      }
    }
    if holds { client?.hold(false) }
  }

  // MARK: The connection

  /// An event may replace the connection by a new one. The remaining events then belong to the old one.
  private mutating func handleEvents(at now: Instant) {
    let source = client
    for event in source?.takeEvents() ?? [] where client === source { handle(event, at: now) }
  }

  /// A message whose acknowledgement was lost would block its topic while the connection lasts: MQTT sends a message again
  /// only on a new connection.
  private mutating func giveUpUnanswered(at now: Instant) {
    let patience = Milliseconds(order.mqtt.keepAlive.count * Limits.keepAlivesUnanswered)
    guard inFlight.isStuck(at: now, patience: patience) else { return }
    perform(.closed(outbox.explain(.unanswered, at: now)))
  }

  private mutating func handle(_ event: MosquittoClient.Event, at now: Instant) {
    switch event {
    case .accepted(let told):
      connAck = told
      perform(.accepted)
    case .reached: perform(.reached)
    case .refused(let reason, let words): perform(.refused(reason: reason, words: words))
    case .closed(let cause): perform(.closed(outbox.explain(cause, at: now)))
    case .published(let id, let reason, let words):
      guard let item = inFlight.answered(id, at: now) else { return }
      outbox.finish(
        item, refusal: Refusal(reason: reason), words: words, isHeard: reason != MosquittoClient.noSubscriber, at: now)
    case .subscribed(let id, let granted, let words):
      subscriptions.answered(id, granted: granted, words)
    case .message(let message):
      if let report = outbox.received(message.topic, message.payload, isRetained: message.isRetained, at: now) {
        post(report)
      }
    }
  }

  private mutating func perform(_ event: BrokerSession.Event) {
    // A look-up may have taken long, so the time is read for every event.
    for action in session.handle(event, at: Clock.now()) { perform(action) }
  }

  private mutating func perform(_ action: BrokerSession.Action) {
    switch action {
    case .open(let attempt): open(attempt)
    case .close:
      client = nil
      inFlight = InFlightMessages()
      subscriptions = Subscriptions()
    case .established(let version): establish(version)
    case .lost(let reason):
      outbox.disconnected()
      status.change { $0.isConnected = false }
      post(.disconnected(reason: reason))
    case .log(let severity, let text): Log.write(LogLevel(severity), text)
    }
  }

  private mutating func open(_ attempt: BrokerSession.Attempt) {
    do throws(ConnectFailure) {
      client = try .connecting(connecting, attempt, as: order.mqtt)
      perform(.opened)
    } catch {
      _ = outbox.explain(.failed(error), at: Clock.now())
      perform(.failed(error))
    }
  }

  private mutating func establish(_ version: MQTTVersion) {
    outbox.connected(version, connAck, at: Clock.now())
    let link = outbox.connection.map {
      BrokerStatus.Link(
        broker: session.broker.description, version: $0.version == .five ? "5" : "3.1.1", retains: $0.retains,
        maximumPacketSize: $0.maximumPacketSize,
        window: $0.window)
    }
    // In one change, or the backlog would look empty until the end of this round.
    let backlog = outbox.backlog
    status.change {
      $0.isConnected = true
      $0.backlog = backlog
      $0.link = link
      $0.connections += 1
    }
    post(.connected)
  }

  /// On a new connection, and when meters have come or gone.
  private mutating func subscribe() {
    guard let client, let change = outbox.takeSubscriptionChange() else { return }
    change.removed.forEach { client.unsubscribe($0) }
    for topic in change.added { subscriptions.ask(topic, qos: 0, by: client) }
  }

  /// If `offline` is on the broker, DISCONNECT keeps it from publishing the will. Otherwise the will must speak.
  private mutating func sayGoodbye() {
    if outbox.ending == .clean, let client {
      client.disconnect()
      for _ in 0..<10 where client.isOpen { client.serve(milliseconds: 20) }
    }
    client = nil
    report(at: nil)
    post(.stopped)
    for _ in 0..<100 where !unsent.isEmpty {
      _ = poll(nil, 0, 10)
      sendUnsent()
    }
  }

  // MARK: To the meter loop

  /// Without a time everything that remains.
  private mutating func report(at now: Instant?) {
    for note in outbox.takeNotes() { Log.write(.warning, note) }
    for refused in outbox.takeRefused() { post(.refused(DeadLetter(refused, at: Clock.wall()))) }
    if let now, let batch = outbox.takeSettled(at: now) { post(.settled(batch: batch)) }
    sendUnsent()
    let isTime = now.map { now in retainedReported.map { now - $0 >= .seconds(1) } ?? true } ?? true
    if isTime, let retained = outbox.takeRetained() {
      retainedReported = now
      post(.retained(retained))
      // Meters have come or gone, with a crowd of documents.
      Memory.giveBack()
    }
    let backlog = outbox.backlog
    let refused = outbox.refusals
    let fieldsDropped = outbox.fieldsDropped
    let time = now ?? Clock.now()
    status.change {
      $0.lastStep = time
      $0.backlog = backlog
      $0.refused = refused
      $0.fieldsDropped = fieldsDropped
    }
  }

  private mutating func post(_ report: BrokerReport) {
    if unsent.isEmpty, reports.post(report) { return }
    guard unsent.count < Limits.mailbox else { return status.change { $0.reportsDropped += 1 } }
    unsent.append(report)
  }

  private mutating func sendUnsent() {
    while let report = unsent.first, reports.post(report) { _ = unsent.popFirst() }
  }
}
