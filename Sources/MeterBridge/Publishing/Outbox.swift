internal import Decoders
internal import MQTT

/// Everything that is to go to the broker, as a value: messages of the meter loop and events of the connection go in, the
/// next message to hand over comes out. It never reads a clock.
///
/// A state topic holds its newest value and nothing else, so memory is bounded by the number of topics; readings wait in the
/// journal, but for the next few of each meter. A message counts as delivered when the broker has acknowledged it with success.
struct Outbox: Sendable {
  struct Settings: Sendable {
    var baseTopic: String
    /// Nil where Home Assistant is not wanted.
    var discovery: Discovery?
    var discoveryPrefix: String
    var nodeID: String
    var birthTopic: String
    var version: String
    var started: WallTime
    /// Whether any certificate of the broker is believed.
    var isInsecure = false
    /// Bytes of one packet, beside what the broker says.
    var maximumPacketSize: Int?
    /// Between two readings of a meter's history.
    var replayPace: Milliseconds
  }

  /// What is known of the connection.
  struct Connection: Sendable {
    var version: MQTTVersion
    /// Messages under way at a time.
    var window: Int
    var maximumPacketSize: Int?
    var retains: Bool
  }

  /// How a clean end came out.
  enum Ending: Sendable {
    /// `offline` stands on the broker: DISCONNECT.
    case clean
    /// It does not, so the will must speak.
    case abandoned
  }

  let settings: Settings
  var connection: Connection?
  var meters: [String: ConfiguredMeter]?
  /// The order of the configuration.
  var meterOrder: [String] = []
  var devices: [DeviceKey: DeviceTopics] = [:]
  var keys: [String: DeviceKey] = [:]
  /// Meters in the order of the configuration, each before its sub-meters.
  var order: [DeviceKey] = []
  var lastKey = 0

  /// The readings of each meter, in the order in which the meters came.
  var queues: [ReadingQueue] = []
  var queueKeys: [String: QueueKey] = [:]
  var journal = JournalLink()

  var bridge: [Item: TopicState] = [:]
  var healthDocument: [UInt8]?
  var deadLetters = Queue<[UInt8]>()

  /// State topics, in the order in which they go out.
  var states = Queue<Item>()
  /// Readings and dead letters: they take turns with the states, but not before these have caught up after a connect.
  var background = Queue<Item>()
  /// Whether the greeting of this connection is in line; nothing goes before it.
  var isGreeted = false
  var isCatchingUp = false
  var wasStateLast = false
  var inFlight: Set<Item> = []
  var poison = PoisonMessageDetector()

  var birthDue: Instant?
  var random: SplitMix64
  var stopSince: Instant?
  var isFarewellSent = false
  var ending: Ending?

  /// What an earlier run left on the broker, until the first configuration has been compared with it.
  var earlier: RetainedState
  /// Devices whose topics are being taken away.
  var leaving: [RetainedState.Entry] = []
  var clearings: [Int: Clearing] = [:]
  var lastClearing = 0
  var hasRetainedChanged = false

  var refused: [Refused] = []
  /// Messages that were not taken since the start, told or not.
  var refusals = 0
  var notes: [String] = []

  init(_ settings: Settings, retained: RetainedState, seed: UInt64) {
    self.settings = settings
    earlier = retained
    random = SplitMix64(seed: seed)
  }

  // MARK: From the meter loop

  mutating func take(_ message: BrokerMessage, at now: Instant) {
    switch message {
    case .meters(let meters):
      journal.openingUntil = journal.openingUntil ?? now + Limits.journalOpening
      configure(meters)
    case .publication(let publication): take(publication, at: now)
    case .availability(let device, let isOnline): setOnline(device, isOnline)
    case .deadLetter(let event):
      guard connection != nil, deadLetters.count < Limits.deadLetterEvents else { return }
      deadLetters.append(event)
      mark(.deadLetter)
    case .health(let document):
      healthDocument = document
      mark(.health)
    case .journal(let report): take(report, at: now)
    case .stop:
      stopSince = now
      releaseHeld(at: nil)
      for key in order { for place in devices[key]?.unsaid ?? [] { mark(.value(key, place)) } }
    }
  }

  private mutating func setOnline(_ id: String, _ isOnline: Bool) {
    guard let key = keys[id] else { return }
    setOnline(key, isOnline)
    // What comes with the meter's telegrams goes with them.
    guard !isOnline else { return }
    for other in order where devices[other]?.device.parent == id { setOnline(other, false) }
  }

  mutating func setOnline(_ key: DeviceKey, _ isOnline: Bool) {
    guard let device = devices[key], device.isOnline != isOnline else { return }
    devices[key]?.isOnline = isOnline
    mark(.availability(key))
  }

  // MARK: From the connection

  /// CONNACK: everything goes out again, as nobody knows what the broker remembers.
  mutating func connected(_ version: MQTTVersion, _ connAck: MosquittoClient.ConnAck) {
    let sizes = [connAck.maximumPacketSize, settings.maximumPacketSize].compactMap { $0 }
    connection = Connection(
      version: version, window: max(1, min(Limits.inFlight, connAck.receiveMaximum)),
      maximumPacketSize: sizes.min(), retains: connAck.retains)
    if !connAck.retains {
      notes.append("the broker keeps no retained messages: values are gone for whoever subscribes later")
    }
    if meters != nil { greet() }
  }

  /// The connection is gone, and with it every acknowledgement that has not come.
  mutating func disconnected() {
    connection = nil
    isGreeted = false
    birthDue = nil
    forgetProgress()
    deadLetters.removeAll()
    isFarewellSent = false
  }

  /// A message of one of `subscriptions`. Retained ones are no news.
  mutating func received(_ topic: String, _ payload: [UInt8], isRetained: Bool, at now: Instant) -> BrokerReport? {
    guard !isRetained else { return nil }
    if settings.discovery != nil, topic == settings.birthTopic {
      // Births within the delay fall together.
      guard payload.elementsEqual("online".utf8), birthDue == nil, connection != nil else { return nil }
      birthDue = now + Milliseconds(Int64.random(in: 0...5_000, using: &random))
      return nil
    }
    let levels = topic.dropFirst(settings.baseTopic.count + 1).split(separator: "/", omittingEmptySubsequences: false)
    guard topic.hasPrefix(settings.baseTopic + "/"), levels.count == 2 else { return nil }
    let id = String(levels[0])
    switch levels[1] {
    case "read": return meters?[id] == nil ? nil : .read(meter: id)
    case "accept": return keys[id] == nil ? nil : .accept(device: id)
    default: return nil
    }
  }

  /// Topic filters to subscribe to on every connection.
  var subscriptions: [(filter: String, qos: Int32)] {
    var all: [(filter: String, qos: Int32)] = ["read", "accept"].map {
      (filter: "\(settings.baseTopic)/+/\($0)", qos: 1)
    }
    if settings.discovery != nil { all.append((filter: settings.birthTopic, qos: 0)) }
    return all
  }

  // MARK: Time

  /// When `tick` is due at the latest.
  func deadline(at now: Instant) -> Instant? {
    var times = order.compactMap { devices[$0]?.heldUntil }
    if let birthDue { times.append(birthDue) }
    if let due = readingsDeadline(at: now) { times.append(due) }
    if let due = poison.deadline, inFlight.isEmpty { times.append(due) }
    if let stopSince {
      let lastValues = stopSince + Milliseconds(Limits.lastValues)
      times.append(lastValues > now ? lastValues : stopSince + Milliseconds(Limits.farewell))
    }
    return times.min()
  }

  mutating func tick(at now: Instant) {
    releaseHeld(at: now)
    tickReadings(at: now)
    if let due = birthDue, due <= now {
      birthDue = nil
      welcomeHomeAssistant()
    }
    guard let stopSince, ending == nil else { return }
    if connection == nil || now - stopSince >= Milliseconds(Limits.farewell) { ending = .abandoned }
  }

  // MARK: What others want to know

  /// Messages that wait or are not acknowledged.
  var backlog: BrokerStatus.Backlog {
    BrokerStatus.Backlog(
      messages: states.count + background.count + poison.count + inFlight.count,
      readings: queues.reduce(0) { $0 + $1.count })
  }

  /// What was refused since the last call.
  mutating func takeRefused() -> [Refused] {
    defer { refused.removeAll() }
    return refused
  }

  /// What the log should say since the last call.
  mutating func takeNotes() -> [String] {
    defer { notes.removeAll() }
    return notes
  }
}
