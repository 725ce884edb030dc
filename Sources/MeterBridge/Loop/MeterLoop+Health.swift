internal import Base
internal import Documents
internal import Meters
internal import Platform
internal import Publishing

/// The counters for `bridge/health` and for the windows, and what the state file keeps. Each walks all meters once, in place.
extension MeterLoop {
  func tellHealth(now: Instant, wall: WallTime) {
    healthDue = now + Self.healthInterval
    keepFrameCounters()
    keepTotals(isUrgent: false)
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

  /// Saves the totals of one meter soon, so that held values outlive the program.
  func keepTotals(of meter: String) {
    guard let place = ports.place(of: meter) else { return keepTotals(isUrgent: true) }
    ports[place].pipelines.forEach { totals.meters[$0.settings.id] = $0.totals }
    _ = threads.storage.post(.state(totals, isUrgent: true))
  }

  /// Saves the totals of the configured meters.
  func keepTotals(isUrgent: Bool) {
    ports.forEachPipeline { totals.meters[$0.settings.id] = $0.totals }
    _ = threads.storage.post(.state(totals, isUrgent: isUrgent))
  }
}
