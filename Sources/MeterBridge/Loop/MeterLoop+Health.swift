internal import Base
internal import Documents
internal import Meters
internal import Platform
internal import Publishing

/// The counters for `bridge/health` and for the windows, and what the state file keeps. Each walks all meters once, in
/// place.
extension MeterLoop {
  func tellHealth(now: Instant, wall: WallTime) {
    healthDue = now + Self.healthInterval
    keepFrameCounters()
    keepFormats()
    let health = health(now: now, wall: wall)
    store?.take(health, intervals: intervals, isTold: true)
    post.send(.health(health.document))
  }

  /// Puts the counters of this moment into the store, for a document that is made now.
  func refreshStore(now: Instant, wall: WallTime) {
    store?.take(health(now: now, wall: wall), intervals: intervals, isTold: false)
  }

  /// The time between two telegrams of each meter, where it is known.
  private var intervals: [String: Milliseconds] {
    var intervals: [String: Milliseconds] = [:]
    ports.forEachPipeline { intervals[$0.settings.id] = $0.interval }
    return intervals
  }

  private func health(now: Instant, wall: WallTime) -> Health {
    let broker = threads.brokerStatus.current
    let storage = threads.storageStatus.current
    var meters: [(id: String, counters: MeterPipeline.Counters)] = []
    ports.forEachPipeline { meters.append(($0.settings.id, $0.counters)) }
    var health = Health(
      time: wall, uptime: now - started,
      meters: meters, buses: ports.indices.compactMap { ports[$0].bus },
      broker: broker,
      journal: storage.journal,
      deadLetters: letters.count, deadLettersSkipped: letters.skipped,
      deadLettersLost: letters.dropped + Int(storage.lost),
      messagesDropped: post.dropped + broker.reportsDropped + readingsUnkept,
      threads: threads.ages(at: now))
    health.repair = hours.health
    return health
  }

  /// Saves the frame counters of the meters, where they have risen.
  func keepFrameCounters() {
    let before = frameCounters
    ports.forEachPipeline { pipeline in
      let counters = pipeline.frameCounters
      if !counters.isEmpty { frameCounters.meters[pipeline.settings.id] = counters }
    }
    if frameCounters != before { _ = threads.storage.post(.state(frameCounters, isUrgent: false)) }
  }

  /// Saves the formats that meters have shown, and tells them to the others.
  func keepFormats() {
    let before = formats
    ports.forEachPipeline { formats.add($0.learnt) }
    guard formats != before else { return }
    _ = threads.storage.post(.state(formats, isUrgent: false))
    for place in ports.indices { ports[place].learn(formats) }
  }

  /// Held values outlive the program. However many there are, all meters are asked only once in a while: the state file is
  /// written no more often.
  func saveTotalsSoon(now: Instant) {
    totalsDue = min(totalsDue, totalsSaved.map { max(now, $0 + StorageWorker.urgentInterval) } ?? now)
  }

  /// Has the state file written with the totals of now; at the end with all that follows.
  func saveTotals(isUrgent: Bool = true, now: Instant) {
    (totalsDue, totalsSaved) = (now + StorageWorker.stateInterval, now)
    let ids = Set(totals.meters.keys).union(configuration.meters.map(\.id))
    let section = GuardedTotals.Encoded(of: ids) { id in
      ports.place(of: id).flatMap { ports[$0].totals(of: id) } ?? totals.meters[id] ?? [:]
    }
    _ = threads.storage.post(.state(section, isUrgent: isUrgent))
  }

  /// The totals of all configured meters.
  var allTotals: GuardedTotals {
    var all = totals
    ports.forEachPipeline { all.meters[$0.settings.id] = $0.totals }
    return all
  }
}
