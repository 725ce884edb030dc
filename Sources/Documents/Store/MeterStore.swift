package import Base
internal import Decoders
package import Meters
package import Publishing

/// The newest values of all meters: the one source of every document that the program shows.
///
/// It is a value on the meter loop's thread. Outputs of pipelines go in where they are published; documents are made from
/// it when they are asked for.
package struct MeterStore: Sendable {
  /// In the order of the configuration, sub-meters behind their meter.
  package private(set) var meters: [StoredMeter] = []
  package var bridge: BridgeState
  /// Counts all changes, so that a reader finds out what is new since its last visit.
  package private(set) var change: Int64 = 0
  /// The last change that added or removed a meter.
  package private(set) var listChange: Int64 = 0
  /// The latest changes of meters with their places, oldest first, so that a reader does not ask all meters what is new.
  private var recent: [(change: Int64, place: Int)] = []
  /// The newest change that is not in `recent` any more.
  private var forgotten: Int64 = 0
  /// The configured meters by id.
  private var settings: [String: ConfiguredMeter] = [:]
  /// The places of meters and sub-meters in `meters`.
  private var places: [String: Int] = [:]

  package init(bridge: BridgeState) { self.bridge = bridge }

  /// A meter or sub-meter by its id.
  package subscript(id: String) -> StoredMeter? { places[id].map { meters[$0] } }

  /// Adds a meter, for tests of documents.
  package mutating func add(_ meter: StoredMeter) {
    meters.append(meter)
    places[meter.id] = meters.count - 1
  }

  // MARK: Configuration

  /// Takes the meters of the configuration. Those that are the same meter as before keep their values; others go, with
  /// their sub-meters.
  ///
  /// - Parameters:
  ///   - meters: the meters, in order.
  ///   - known: the devices of earlier runs. They tell model and medium before the first telegram.
  package mutating func configure(_ meters: [MeterSettings], known: [Device] = []) {
    let former = Dictionary(grouping: self.meters) { $0.device.parent ?? $0.id }
    let devices = Dictionary(known.lazy.filter { $0.parent == nil }.map { ($0.id, $0) }) { first, _ in first }
    var next: [StoredMeter] = []
    for meter in meters {
      if let before = settings[meter.id], before.isSameMeter(as: ConfiguredMeter(meter)) {
        var kept = former[meter.id] ?? []
        if let index = kept.firstIndex(where: { $0.id == meter.id }) { kept[index].device.name = meter.name }
        next += kept
      } else {
        var device = Device(id: meter.id, medium: .other, protocolName: meter.meterProtocol.name)
        if let known = devices[meter.id], known.protocolName == device.protocolName { device = known }
        device.name = meter.name
        next.append(StoredMeter(device))
      }
    }
    settings = Dictionary(meters.map { ($0.id, ConfiguredMeter($0)) }, uniquingKeysWith: { first, _ in first })
    self.meters = next
    listChanged()
    for place in self.meters.indices where self.meters[place].availabilityChange == 0 {
      self.meters[place].availabilityChange = change
      self.meters[place].valuesChange = change
    }
  }

  /// The places of meters from `first` on are others now.
  private mutating func listChanged(from first: Int = 0) {
    change += 1
    listChange = change
    recent = []
    if first == 0 { places = [:] }
    for place in meters.indices.dropFirst(first) { places[meters[place].id] = place }
  }

  // MARK: What is new

  /// The places of the meters that have changed since, in order.
  package func changed(since seen: Int64) -> [Int] {
    guard seen >= max(listChange, forgotten) else {
      return meters.indices.filter { max(meters[$0].valuesChange, meters[$0].availabilityChange) > seen }
    }
    return Set(recent.reversed().prefix { $0.change > seen }.map(\.place)).sorted()
  }

  /// The next change is that of a meter.
  private mutating func note(_ place: Int) {
    change += 1
    recent.append((change, place))
    guard recent.count > 2 * meters.count + 64 else { return }
    forgotten = recent[meters.count].change
    recent.removeFirst(meters.count + 1)
  }

  // MARK: What meters say

  /// Takes an output of a pipeline, with the number of its reading.
  package mutating func take(_ output: MeterOutput, now: Instant) {
    switch output {
    case .publication(let publication): take(publication, now: now)
    case .availability(let id, let isOnline):
      guard let place = places[id], meters[place].isOnline != isOnline else { return }
      meters[place].isOnline = isOnline
      note(place)
      meters[place].availabilityChange = change
      // With the meter its momentary values come and go.
      meters[place].valuesChange = change
    case .telegram(let telegram):
      guard let place = places[telegram.meter] else { return }
      meters[place].lastTelegram = StoredTelegram(
        received: telegram.received, bytes: telegram.bytes, content: telegram.content)
      meters[place].lastDecoded = telegram.content
    case .deadLetter(let letter): keep(letter)
    case .log, .network, .forward: break
    }
  }

  private mutating func take(_ publication: Publication, now: Instant) {
    guard let place = places[publication.device.id] ?? addSubMeter(publication) else { return }
    meters[place].take(publication, now: now)
    note(place)
    meters[place].valuesChange = change
  }

  /// Returns the place of a new sub-meter; nil for one whose meter is not configured.
  private mutating func addSubMeter(_ publication: Publication) -> Int? {
    guard let parent = publication.device.parent, settings[parent] != nil, var last = places[parent] else { return nil }
    while last + 1 < meters.count, meters[last + 1].device.parent == parent { last += 1 }
    var meter = StoredMeter(publication.device)
    // Its availability was told just before, when its meter was not known here.
    meter.isOnline = publication.isFromTelegram
    meters.insert(meter, at: last + 1)
    listChanged(from: last + 1)
    meters[last + 1].availabilityChange = change
    return last + 1
  }

  private mutating func keep(_ letter: DeadLetter) {
    guard let place = places[letter.meter] else { return }
    switch letter.kind {
    case .undecodable:
      meters[place].lastTelegram = StoredTelegram(
        received: letter.time, bytes: letter.bytes, trouble: (letter.code, letter.message))
    case .heldBack:
      guard let subject = letter.subject else { return }
      meters[place].hold(subject)
      note(place)
      meters[place].valuesChange = change
    case .refused: break
    }
  }

  // MARK: The bridge

  /// Takes a dead letter that was written.
  package mutating func take(_ letter: StoredLetter) {
    bridge.take(letter)
    change += 1
  }

  /// Takes the counters of the program and of its meters.
  ///
  /// - Parameters:
  ///   - health: the counters.
  ///   - intervals: the time between two telegrams of each meter, by id.
  ///   - isTold: whether it is the document of `bridge/health`, and not only fresh for a reader.
  package mutating func take(_ health: Health, intervals: [String: Milliseconds], isTold: Bool) {
    bridge.health = health
    bridge.broker = health.broker
    for meter in health.meters {
      guard let place = places[meter.id] else { continue }
      meters[place].counters = meter.counters
      meters[place].interval = intervals[meter.id]
      for index in meters.indices.dropFirst(place + 1).prefix(while: { meters[$0].device.parent == meter.id }) {
        meters[index].counters = meter.counters
        meters[index].interval = intervals[meter.id]
      }
    }
    guard isTold else { return }
    change += 1
    bridge.healthChange = change
  }
}
