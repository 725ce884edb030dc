import Decoders
import Foundation
import Glibc
import Testing
import TestSupport

@testable import Base
@testable import MeterBridge
@testable import Meters
@testable import MQTT
@testable import Platform
@testable import Publishing

/// The broker thread with what it publishes in the test's hands.
final class BrokerThreadHarness {
  let inbox: Mailbox<BrokerMessage>
  let reports: Mailbox<BrokerReport>
  let status = Shared(BrokerStatus(lastStep: Clock.now()))
  private let storage: Mailbox<StorageMessage>
  private let folder: URL
  private var readings: Int64 = 0
  private(set) var seen: [BrokerReport] = []
  private var isStopped = false
  private var lastPost = Clock.now()

  convenience init(
    to broker: Broker, retained: RetainedState? = nil, settings change: (inout MQTTSettings) -> Void = { _ in }
  ) throws {
    try self.init(port: broker.port, retained: retained, settings: change)
  }

  init(port: UInt16, retained: RetainedState? = nil, settings change: (inout MQTTSettings) -> Void = { _ in }) throws {
    // What it has to say would stand between the results of the tests.
    Log.limit.change { $0 = .error }
    inbox = try #require(Mailbox<BrokerMessage>())
    reports = try #require(Mailbox<BrokerReport>())
    var mqtt = MQTTSettings()
    mqtt.host = "127.0.0.1"
    mqtt.port = port
    // No machine stands still for that long.
    mqtt.keepAlive = .minutes(1)
    // A test that needs a subscriber has one.
    mqtt.replayAfter = 0
    change(&mqtt)
    let empty = RetainedState(baseTopic: "", discoveryPrefix: "", nodeID: "", devices: [])
    let order = BrokerThread.Order(
      mqtt: mqtt, homeAssistant: HomeAssistantSettings(), retained: retained ?? empty, version: "0.1.0",
      replayPace: 0)
    storage = try #require(Mailbox<StorageMessage>())
    folder = place.appending(path: "bridge-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
    let storageReports = try #require(Mailbox<StorageReport>())
    let files = try Folder(making: folder.path)
    let isStoring = StorageThread.start(
      log: DeadLetterLog(in: files), stateFile: StateFile(in: files),
      journal: JournalPlace(in: files), inbox: storage, reports: storageReports,
      answer: { [inbox] in inbox.post(.journal($0)) }, status: Shared(StorageStatus()), say: { _, _ in })
    try #require(isStoring)
    try #require(BrokerThread.start(order, inbox: inbox, reports: reports, storage: storage, status: status))
    let meter = ConfiguredMeter(
      id: "grid", protocolName: "p1", source: "test", heartbeat: .minutes(5), minimumInterval: 0,
      isPolled: true)
    post(.meters([meter]))
  }

  func post(_ message: BrokerMessage) {
    #expect(inbox.post(message))
    lastPost = Clock.now()
  }

  func publish(_ values: [(FieldName, String)], reading: String? = nil) {
    let device = Device(id: "grid", serial: "1", medium: .electricity, protocolName: "p1")
    let fields = values.map { name, payload in
      PublishedField(
        field: FieldDescription(
          level: name.entry.name.description, key: FieldKey(name), unit: name.entry.unit, isNumber: true),
        payload: payload)
    }
    var publication = Publication(
      device: device, fields: fields, reading: reading.map { Array($0.utf8) }, received: Clock.wall())
    if let reading {
      readings += 1
      publication.number = readings
      let entry = JournalEntry(meter: device.id, number: readings, payload: Array(reading.utf8))
      #expect(storage.post(.journal(.keep(entry))))
    }
    post(.availability(device: device.id, online: true))
    post(.publication(publication))
  }

  /// Waits for something to become true, at most a minute.
  func eventually(_ condition: () -> Bool) -> Bool {
    TestSupport.eventually {
      seen += reports.takeAll()
      return condition()
    }
  }

  var isConnected: Bool { status.current.isConnected }

  /// Whether the thread has taken everything and the broker has acknowledged it.
  var hasDeliveredAll: Bool {
    let now = status.current
    return now.isConnected && now.lastStep > lastPost && now.backlog.messages == 0 && now.backlog.readings == 0
  }

  var refused: [DeadLetter] { seen.compactMap { if case .refused(let letter) = $0 { letter } else { nil } } }
  var lost: [String] { seen.compactMap { if case .disconnected(let reason) = $0 { reason } else { nil } } }
  var hasStopped: Bool { seen.contains { if case .stopped = $0 { true } else { false } } }

  /// Ends the thread, which must not take longer than two seconds.
  func stop() {
    isStopped = true
    let start = Clock.now()
    _ = inbox.post(.stop)
    #expect(eventually { hasStopped })
    #expect(Clock.now() - start < promised(.seconds(2)))
  }

  deinit {
    if !isStopped { _ = inbox.post(.stop) }
    _ = storage.post(.stop)
    try? FileManager.default.removeItem(at: folder)
  }
}

/// Somebody else's client, that keeps what is retained and what came.
final class Subscriber {
  private let client: MosquittoClient
  private var isSubscribed = false
  private(set) var messages: [(topic: String, text: String, isRetained: Bool)] = []

  init(to broker: Broker, filter: String = "#") throws {
    client = try connected(to: broker, name: "subscriber-\(UInt32.random(in: 0...UInt32.max))").0
    _ = try #require(client.subscribe(filter, qos: 1))
    // From here on nothing is missed.
    try #require(eventually { $0.isSubscribed })
  }

  /// Takes messages until the condition holds, at most `limit`.
  func eventually(within limit: Milliseconds = .minutes(1), _ condition: (Subscriber) -> Bool) -> Bool {
    let end = Clock.now() + limit
    while !condition(self) {
      guard Clock.now() < end else { return false }
      client.serve(milliseconds: 20)
      for event in client.takeEvents() {
        switch event {
        case .subscribed: isSubscribed = true
        case .message(let message):
          messages.append((message.topic, String(decoding: message.payload, as: UTF8.self), message.isRetained))
        default: break
        }
      }
    }
    return true
  }

  func last(_ topic: String) -> String? { messages.last { $0.topic == topic }?.text }

  func publish(_ topic: String, _ text: String) { _ = client.publish(topic, Array(text.utf8), qos: 1, retain: false) }

  /// The newest message of every topic.
  var topics: Set<String> { Set(messages.map(\.topic)) }
}
