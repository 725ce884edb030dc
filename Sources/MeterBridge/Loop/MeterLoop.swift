internal import Base
internal import Documents
internal import Glibc
internal import Meters
internal import Platform
internal import Publishing

/// The main thread: reads the meters and never blocks. It owns the signals and the timers. Slow work goes to
/// the other threads.
final class MeterLoop {
  private let threads: Threads
  private let signals: Signals
  private let manager: ServiceManager
  private var reload: Reload
  private(set) var configuration: Configuration
  private var retained: RetainedState
  private var frameCounters: FrameCounters
  private var networks: [String: KnownNetwork]
  private var totals: GuardedTotals
  var ports: [Port] = []
  private var closing = ClosingConnections()
  var post: CoalescingSender
  private var letters: DeadLetterSender
  private var limiter = LogLimiter()
  /// The number of readings of each meter in this run.
  private var readings: [String: Int64] = [:]
  /// Readings that the storage thread's full mailbox refused.
  private var readingsUnkept = 0
  private let started: Instant
  private var healthDue: Instant
  private var watchdog: Watchdog
  let windows: Windows?
  private var hours: LostHours
  private var ending: Shutdown?
  /// For those who look at the values; nil if the configuration does not have a window.
  var store: MeterStore?

  private static let healthInterval = Milliseconds.minutes(1)
  private static let firstHealth = Milliseconds.seconds(2)

  init(
    _ configuration: Configuration, retained: RetainedState, frameCounters: FrameCounters,
    totals: GuardedTotals, networks: [String: KnownNetwork], numbering: DeadLetterNumbering, hours: LostHours,
    threads: Threads, signals: Signals, manager: ServiceManager, reload: Reload
  ) {
    self.configuration = configuration
    self.retained = retained
    self.frameCounters = frameCounters
    self.networks = networks
    self.totals = totals
    letters = DeadLetterSender(numbering, storage: threads.storage, status: threads.storageStatus)
    self.hours = hours
    self.threads = threads
    self.signals = signals
    self.manager = manager
    self.reload = reload
    post = CoalescingSender(threads.broker)
    started = Clock.now()
    healthDue = started + Self.firstHealth
    watchdog = Watchdog(interval: manager.watchdogInterval, start: started)
    windows = Windows(configuration)
    store = windows.map { _ in MeterStore(bridge: BridgeState(configuration.mqtt, threads.brokerStatus.current)) }
  }

  /// Runs until a signal ends it.
  func run() {
    configure()
    manager.ready()
    while ending?.isDone != true { step() }
  }

  /// Looks names up.
  var lookup: LookupThread { threads.lookup }

  // MARK: One round

  private func step() {
    var polled = PollSet()
    let descriptors = [
      signals.descriptor, threads.brokerReports.descriptor, threads.storageReports.descriptor, reload.descriptor,
      threads.telegrams.batches.descriptor,
    ]
    for descriptor in descriptors { polled.add(PollInterest(descriptor: descriptor, readiness: .readable)) }
    let portTokens = ports.map { $0.interest.map { polled.add($0) } }
    let closingTokens = closing.interests.map { $0.map { polled.add($0) } }
    windows?.interests.forEach { polled.add($0) }
    polled.wait(atMost: timeout())
    let now = Clock.now()
    let wall = Clock.wall()
    let isFree = closing.service(closingTokens.map(polled.readiness), now: now)
    for (index, token) in portTokens.enumerated() {
      serve(index, polled.readiness(of: token), now: now, wall: wall)
    }
    if isFree, ending == nil { configure() }
    for report in threads.brokerReports.takeAll() { handle(report, now: now) }
    for batch in threads.telegrams.batches.takeAll() where ending == nil { take(batch, now: now, wall: wall) }
    for report in threads.storageReports.takeAll() where report == .stopped { ending?.hasStorageEnded = true }
    for event in signals.take() { event == .reload ? orderReload(at: now) : end(now: now, wall: wall) }
    proceedWithReload(now: now, wall: wall)
    tell(letters.due(now: now))
    serveWindows(now: now, wall: wall)
    post.flush()
    if ending == nil { hours.work(configuration.meters, at: wall) }
    if now >= healthDue { tellHealth(now: now, wall: wall) }
    feedWatchdog(now: now)
    finish(now: now)
  }

  private func timeout() -> Milliseconds? {
    var deadlines = ports.compactMap(\.deadline)
    deadlines.append(healthDue)
    deadlines.append(hours.deadline(now: Clock.now(), wall: Clock.wall()))
    if let until = closing.deadline { deadlines.append(until) }
    if let due = reload.deadline { deadlines.append(due) }
    if let due = watchdog.deadline { deadlines.append(due) }
    if let due = letters.deadline { deadlines.append(due) }
    if let due = windows?.deadline(at: Clock.now()) { deadlines.append(due) }
    if let ending { deadlines.append(ending.isStorageTold ? ending.deadline : ending.brokerDeadline) }
    if post.isHolding { deadlines.append(Clock.now() + 100) }
    return deadlines.min().map { $0 - Clock.now() }
  }

  private func serve(_ index: Int, _ ready: Readiness, now: Instant, wall: WallTime) {
    guard !ready.isEmpty || ports[index].deadline.map({ $0 <= now }) == true else { return }
    let wasDead = ports[index].isBusDead
    carryOut(ports[index].service(ready, now: now, wall: wall), now: now)
    if ports[index].isBusDead != wasDead { healthDue = min(healthDue, now + Self.firstHealth) }
  }

  func carryOut(_ outputs: [MeterOutput], now: Instant) {
    for output in outputs {
      switch output {
      case .log(let level, let text): Log.write(level, text)
      case .publication(let publication): publish(publication, now: now)
      case .telegram: store?.take(output, now: now)
      case .forward(let telegram): forward(telegram)
      case .availability(let device, let isOnline):
        store?.take(output, now: now)
        post.send(.availability(device: device, online: isOnline))
      case .deadLetter(let letter):
        store?.take(output, now: now)
        if keep(letter, now: now), letter.kind == .heldBack { keepTotals(isUrgent: true) }
      case .network(let meter, let network):
        networks[meter] = network
        _ = threads.storage.post(.network(meter: meter, network))
      }
    }
  }

  /// The journal gets a reading before the broker thread, which then finds there all that it misses.
  private func publish(_ publication: Publication, now: Instant) {
    var publication = publication
    if let reading = publication.reading {
      let id = publication.device.id
      publication.number = keep(reading, of: id).number
    }
    hours.take(publication)
    store?.take(.publication(publication), now: now)
    post.send(.publication(publication))
  }

  private func forward(_ telegram: ForwardedTelegram) {
    post.send(.forward(keep(telegram.document, of: telegram.journalName)))
  }

  /// Numbers a document and gives it to the journal.
  private func keep(_ document: [UInt8], of name: String) -> JournalEntry {
    let number = readings[name, default: 0] + 1
    readings[name] = number
    let entry = JournalEntry(meter: name, number: number, payload: document)
    if !threads.storage.post(.journal(.keep(entry))) { readingsUnkept += 1 }
    return entry
  }

  /// Returns whether it was written.
  @discardableResult
  private func keep(_ letter: DeadLetter, now: Instant) -> Bool {
    let entries = letters.send(letter, now: now)
    tell(entries)
    return !entries.isEmpty
  }

  private func tell(_ entries: [DeadLetterEntry]) {
    for entry in entries {
      let event = entry.event()
      if store != nil { store?.take(StoredLetter(event: event, line: Array(entry.line().dropLast()))) }
      post.send(.deadLetter(event))
    }
  }

  private func handle(_ report: BrokerReport, now: Instant) {
    hours.take(report, at: Clock.wall())
    switch report {
    case .homeAssistant: break
    case .read(let meter): readNow(meter, now: now)
    case .accept(let device): accept(device, now: now)
    case .refused(let letter): keep(letter, now: now)
    case .retained(let state):
      retained = state
      _ = threads.storage.post(.state(state, isUrgent: false))
    case .settled(let batch): threads.telegrams.settled(batch)
    case .connected, .disconnected: healthDue = min(healthDue, now + Self.firstHealth)
    case .stopped: tellStorageToEnd()
    }
  }

  private func readNow(_ meter: String, now: Instant) {
    if poll(meter, now: now) == false {
      say("\(meter): pushes its readings and cannot be polled", now: now)
    }
  }

  /// Reads a meter now. False where it pushes; nil for one that is not configured.
  func poll(_ meter: String, now: Instant) -> Bool? { ports.lazy.compactMap { $0.poll(meter, now: now) }.first }

  private func accept(_ device: String, now: Instant) {
    for index in ports.indices {
      guard let outputs = ports[index].accept(device, wall: Clock.wall()) else { continue }
      let told = outputs.compactMap { output in
        if case .log(_, let text) = output { text } else { nil }
      }
      let answer = told.isEmpty ? "\(device): nothing is held back" : told.joined(separator: "; ")
      post.send(.accepted(device: device, answer: answer))
      guard !outputs.isEmpty else { return say(answer, now: now) }
      carryOut(outputs, now: now)
      keepFrameCounters()
      return keepTotals(isUrgent: true)
    }
  }

  /// Logs a line that anyone on the broker can cause, at most once an hour.
  private func say(_ text: String, now: Instant) {
    if limiter.isNew(text, now: now) { Log.write(.notice, text) }
  }

  // MARK: Configuration

  /// Makes the ports of the configuration; those whose meters have not changed stay.
  private func configure() {
    var kept: [Port] = []
    let taken = closing.sources
    for meters in configuration.metersBySource where !taken.contains(meters[0].source) {
      if let index = ports.firstIndex(where: { $0.settings == meters }) {
        kept.append(ports.remove(at: index))
      } else if let port = Port(
        meters, devices: retained.devices.map(\.device), frameCounters: frameCounters, totals: totals,
        network: networks[meters[0].id], seed: .random(in: .min ... .max), lookup: threads.lookup,
        fetcher: threads.fetcher)
      {
        kept.append(port)
      }
    }
    ports = kept
    let ids = Set(configuration.meters.map(\.id))
    totals.meters = totals.meters.filter { ids.contains($0.key) }
    hours.keep(only: configuration.meters)
    threads.telegrams.hear(configuration.topics)
    store?.configure(configuration.meters, known: retained.devices.map(\.device))
    post.send(.meters(configuration.meters.map(ConfiguredMeter.init)))
  }

  private func orderReload(at now: Instant) {
    manager.reloading(at: now)
    reload.order(at: now)
  }

  private func proceedWithReload(now: Instant, wall: WallTime) {
    guard ending == nil else { return }
    if reload.isSlow(at: now) {
      Log.write(.warning, "the configuration is still being read: does a file that it names wait for a writer?")
      manager.ready()
    }
    switch reload.take(at: now) {
    case nil: return
    case .read(let new): apply(new, now: now, wall: wall)
    case .refused(let mistakes):
      for mistake in mistakes { Log.write(.error, mistake) }
      Log.write(.error, "the configuration stays as it was")
    }
    if !reload.isUnderWay { manager.ready() }
  }

  private func apply(_ new: Configuration, now: Instant, wall: WallTime) {
    if (new.mqtt, new.homeAssistant) != (configuration.mqtt, configuration.homeAssistant)
      || new.stateDirectory != configuration.stateDirectory || new.journal != configuration.journal
    {
      Log.write(
        .warning, "changes of mqtt, home_assistant, state_directory and the limits of the journal need a restart")
    }
    if new.http != configuration.http || new.udp != configuration.udp {
      Log.write(.warning, "changes of http and udp need a restart")
    }
    keepFrameCounters()
    keepTotals(isUrgent: false)
    configuration.meters = new.meters
    Log.limit.change { $0 = new.logLevel }
    let wanted = new.metersBySource
    // Closed before others are opened: a port that is ours alone cannot be opened twice.
    for index in ports.indices where !wanted.contains(ports[index].settings) {
      carryOut(ports[index].leave(now: now, wall: wall), now: now)
      closing.add(ports[index].connection, now: now)
    }
    configure()
    Log.write(.notice, "configuration read again: \(counted(new.meters.count, "meter"))")
  }

  // MARK: Health

  private func tellHealth(now: Instant, wall: WallTime) {
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
    for pipeline in ports.lazy.flatMap(\.pipelines) { intervals[pipeline.settings.id] = pipeline.interval }
    return intervals
  }

  private func health(now: Instant, wall: WallTime) -> Health {
    let broker = threads.brokerStatus.current
    let storage = threads.storageStatus.current
    var health = Health(
      time: wall, uptime: now - started,
      meters: ports.flatMap(\.pipelines).map { ($0.settings.id, $0.counters) }, buses: ports.compactMap(\.bus),
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
  private func keepFrameCounters() {
    let before = frameCounters
    for pipeline in ports.flatMap(\.pipelines) where !pipeline.frameCounters.isEmpty {
      frameCounters.meters[pipeline.settings.id] = pipeline.frameCounters
    }
    if frameCounters != before { _ = threads.storage.post(.state(frameCounters, isUrgent: false)) }
  }

  /// Saves the totals of the configured meters.
  private func keepTotals(isUrgent: Bool) {
    for pipeline in ports.flatMap(\.pipelines) { totals.meters[pipeline.settings.id] = pipeline.totals }
    _ = threads.storage.post(.state(totals, isUrgent: isUrgent))
  }

  private func feedWatchdog(now: Instant) {
    if watchdog.isFed(at: now, standing: threads.ages(at: now).map(\.age)) { manager.alive() }
  }

  // MARK: The end

  private func end(now: Instant, wall: WallTime) {
    guard ending == nil else { return }
    manager.stopping()
    Log.write(.notice, "ending")
    for index in ports.indices {
      carryOut(ports[index].leave(now: now, wall: wall), now: now)
      closing.add(ports[index].connection, now: now)
    }
    tell(letters.due(now: now, isEnd: true))
    keepFrameCounters()
    keepTotals(isUrgent: false)
    hours.end()
    ports = []
    threads.telegrams.stop()
    post.send(.stop)
    _ = threads.storage.post(.journal(.ending))
    ending = Shutdown(deadline: now + Limits.ending, brokerDeadline: now + Limits.brokerEnding)
  }

  private func finish(now: Instant) {
    guard let ending else { return }
    if now >= ending.brokerDeadline { tellStorageToEnd() }
    if now >= ending.deadline || (ending.hasStorageEnded && closing.isEmpty) { self.ending?.isDone = true }
  }

  /// After the broker's thread, whose last report may change the state file.
  private func tellStorageToEnd() {
    guard ending?.isStorageTold == false else { return }
    ending?.isStorageTold = true
    _ = letters.due(now: Clock.now(), isEnd: true)
    _ = threads.storage.post(.stop)
  }
}
