package import Base
internal import Meters
package import MQTT

/// All messages for the broker, as a value.
///
/// Messages of the meter loop and events of the connection go in. The next message to hand over comes out. It never
/// reads a clock.
///
/// A state topic holds only its newest value, so the number of topics limits the memory. Readings wait in the journal,
/// except for the next few of each meter. A message is delivered when the broker has acknowledged it with success.
///
/// `readings`, `removals`, `sending`, `bridge` and `subscriptions` keep their own private state. The extensions connect them.
package struct Outbox: Sendable {
  package struct Settings: Sendable {
    var baseTopic: String
    var homeAssistant: HomeAssistantSettings
    var version: String
    var started: WallTime
    /// Whether any certificate of the broker is accepted.
    var isInsecure = false
    /// The configured limit of one packet in bytes, beside the broker's own.
    var maximumPacketSize: Int?
    /// The time between two readings of a meter's history.
    var replayPace: Milliseconds
    /// The time from a connect to the first reading of an outage.
    var replayAfter: Milliseconds

    package init(
      baseTopic: String, homeAssistant: HomeAssistantSettings, version: String, started: WallTime,
      isInsecure: Bool = false, maximumPacketSize: Int? = nil, replayPace: Milliseconds,
      replayAfter: Milliseconds
    ) {
      self.baseTopic = baseTopic
      self.homeAssistant = homeAssistant
      self.version = version
      self.started = started
      self.isInsecure = isInsecure
      self.maximumPacketSize = maximumPacketSize
      self.replayPace = replayPace
      self.replayAfter = replayAfter
    }

    /// Nil without Home Assistant.
    var discovery: Discovery? {
      homeAssistant.discovery.isEmpty ? nil : Discovery(homeAssistant, baseTopic: baseTopic)
    }
    var discoveryPrefix: String { homeAssistant.discovery.isEmpty ? "" : homeAssistant.prefix }
  }

  /// The limits of the current connection.
  package struct Connection: Sendable {
    package var version: MQTTVersion
    /// Messages in flight at a time.
    package var window: Int
    package var maximumPacketSize: Int?
    package var retains: Bool
  }

  let settings: Settings
  package var connection: Connection?
  var meters: [String: Box<ConfiguredMeter>]?
  var names = DeviceNames()
  /// The order of the configuration.
  var meterOrder: [String] = []
  var devices = AscendingTable<DeviceTopics>()
  var keys: [String: DeviceKey] = [:]
  /// Meters in the order of the configuration, each before its sub-meters.
  var order: [DeviceKey] = []
  var lastKey = 0
  var shared = SharedFields()
  /// When each device has a held value to release or a document to describe.
  var dues = Deadlines()
  /// The ids of meters and sub-meters that are online.
  private(set) var online: Set<String> = []

  var readings: ReadingQueues
  /// The batch of telegrams that waits for its readings.
  var settling: Settling?
  var removals: TopicRemovals
  var sending = SendQueue()
  var bridge = BridgeTopics()
  /// The change from one form of discovery to the other, while it goes on. Discovery documents wait for its end.
  var migration: Migration?
  var subscriptions = Subscriptions()

  private var birthDue: Instant?
  private var random: SplitMix64
  var refused: [Refused] = []
  /// The number of refused messages since the start, with or without a dead letter.
  package var refusals = 0
  /// The number of values since the start that did not find room among a device's topics.
  package internal(set) var fieldsDropped = 0
  var notes: [String] = []
  /// What `bridge/info` says of meters.
  var meterNotes: [String: String] = [:]

  package init(_ settings: Settings, retained: RetainedState, seed: UInt64) {
    self.settings = settings
    readings = ReadingQueues(replayAfter: settings.replayAfter)
    removals = TopicRemovals(earlier: retained)
    random = SplitMix64(seed: seed)
  }

  // MARK: From the meter loop

  package mutating func take(_ message: BrokerMessage, at now: Instant) {
    switch message {
    case .meters(let meters):
      readings.awaitJournal(from: now)
      configure(meters, at: now)
    case .publication(let publication): take(publication, at: now)
    case .forward(let entry): takeForwarded(entry, at: now)
    case .settle(let batch): settle(batch, at: now)
    case .availability(let device, let isOnline): setOnline(device, isOnline)
    case .deadLetter(let event):
      if connection != nil, bridge.addDeadLetter(event) { mark(.deadLetter) }
    case .accepted(let device, let answer):
      guard connection != nil, keys[device] != nil else { return }
      bridge.addAnswer(answer, to: device)
      mark(.answer)
    case .health(let document):
      bridge.health = document
      mark(.health)
    case .journal(let report): take(report, at: now)
    case .stop:
      sending.stop(at: now)
      order.forEach { releaseHeld(of: $0, at: nil) }
      for key in order { for place in devices[key]?.unsaid ?? [] { mark(.value(key, place)) } }
    }
  }

  /// The pipeline decides which meters are online. A sub-meter is unknown here until its first publication, which
  /// follows.
  private mutating func setOnline(_ id: String, _ isOnline: Bool) {
    guard online.contains(id) != isOnline else { return }
    if isOnline { online.insert(id) } else { online.remove(id) }
    if let key = keys[id] { mark(.availability(key)) }
  }

  /// A device that comes back later begins offline.
  mutating func forgetOnline(_ id: String) { online.remove(id) }

  // MARK: From the connection

  /// CONNACK. All messages go out again, because the broker may have lost them.
  package mutating func connected(_ version: MQTTVersion, _ connAck: MosquittoClient.ConnAck, at now: Instant) {
    let sizes = [connAck.maximumPacketSize, settings.maximumPacketSize].compactMap { $0 }
    connection = Connection(
      version: version, window: max(1, min(Limits.inFlight, connAck.receiveMaximum)),
      maximumPacketSize: sizes.min(), retains: connAck.retains)
    if !connAck.retains {
      notes.append("the broker does not keep retained messages: a client that subscribes later gets no old values")
    }
    readings.connected(at: now)
    subscriptions.expire()
    if meters != nil { greet() }
  }

  /// The connection is gone, with all acknowledgements that have not come.
  package mutating func disconnected() {
    connection = nil
    birthDue = nil
    migration = nil
    sending.disconnected()
    bridge.disconnected()
    subscriptions.disconnected()
    removals.disconnected()
    readings.disconnected()
    for key in order { devices[key]?.disconnected() }
    dues.removeAll()
  }

  /// Takes a message of a subscription. Retained ones are old, so they are ignored.
  package mutating func received(_ topic: String, _ payload: [UInt8], isRetained: Bool, at now: Instant)
    -> BrokerReport?
  {
    guard !isRetained else { return nil }
    if !settings.homeAssistant.discovery.isEmpty, topic == settings.homeAssistant.birthTopic {
      if payload.elementsEqual("offline".utf8) { return .homeAssistant(isOnline: false) }
      guard payload.elementsEqual("online".utf8), connection != nil else { return nil }
      // Births within the delay count as one.
      birthDue = birthDue ?? now + Milliseconds(Int64.random(in: 0...5_000, using: &random))
      return .homeAssistant(isOnline: true)
    }
    let levels = topic.dropFirst(settings.baseTopic.count + 1).split(separator: "/", omittingEmptySubsequences: false)
    guard topic.hasPrefix(settings.baseTopic + "/"), levels.count == 2 else { return nil }
    let id = String(levels[0])
    switch levels[1] {
    case "state" where id == "bridge" && payload.elementsEqual("offline".utf8):
      contradictWill()
      return nil
    case "read": return meters?[id]?.value.isPolled == true ? .read(meter: id) : nil
    case "accept": return keys[id] == nil ? nil : .accept(device: id)
    default: return nil
    }
  }

  /// In a cluster, the broker that was lost publishes the will when it notices, and we are long connected to another.
  private mutating func contradictWill() {
    if !sending.isStopping { mark(.state) }
  }

  // MARK: Time

  /// When `tick` is due; nil for never.
  package func deadline(at now: Instant) -> Instant? {
    var times = [dues.first, birthDue, readings.deadline(at: now), sending.deadline(at: now)]
    if case .pausing(let until) = migration { times.append(until) }
    if let settling { times.append(settling.until) }
    return times.compactMap(\.self).min()
  }

  package mutating func tick(at now: Instant) {
    tickMigration(at: now)
    for key in dues.takeDue(at: now) {
      releaseHeld(of: key, at: now)
      if devices[key]?.describeDue.map({ $0 <= now }) == true { markDiscovery(of: key, at: now) }
    }
    tickReadings(at: now)
    if let due = birthDue, due <= now {
      birthDue = nil
      welcomeHomeAssistant()
    }
    sending.tick(isConnected: connection != nil, at: now)
  }

  // MARK: For the broker thread

  /// The result of a clean end; nil while the program goes on.
  package var ending: SendQueue.Ending? { sending.ending }

  /// Messages that wait or are not acknowledged.
  package var backlog: BrokerStatus.Backlog { BrokerStatus.Backlog(messages: sending.count, readings: readings.count) }

  /// Whether anything goes on only after an answer: a message that waits for room or for its turn, or a batch of telegrams.
  package var waitsForAnswers: Bool {
    sending.waitsForAnswers || settling != nil || readings.count > sending.readingsInFlight
  }

  /// The refused messages since the last call.
  package mutating func takeRefused() -> [Refused] {
    defer { refused.removeAll() }
    return refused
  }

  /// The notes for the log since the last call.
  package mutating func takeNotes() -> [String] {
    defer { notes.removeAll() }
    return notes
  }
}
