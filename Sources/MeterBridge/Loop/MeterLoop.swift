internal import Base
internal import Documents
internal import Glibc
internal import Meters
internal import Platform
internal import Publishing

/// The main thread: reads the meters and never blocks. It owns the signals and the timers. Slow work goes to
/// the other threads.
final class MeterLoop {
  let threads: Threads
  private let signals: Signals
  private let manager: ServiceManager
  private var reload: Reload
  private(set) var configuration: Configuration
  /// The meters and sub-meters of earlier runs and of this one, with their topics. The storage thread shares the lists.
  private var retained: RetainedState
  private var devices: [Device] { retained.devices.map(\.device) }
  var frameCounters: FrameCounters
  var formats: LearntFormats
  private var networks: [String: KnownNetwork]
  /// Those of configured meters that do not have a port yet: only pipelines keep totals.
  var totals: GuardedTotals
  /// When totals are to be saved, and when they were last.
  var totalsDue: Instant
  var totalsSaved: Instant?
  private let polled: EventPoll
  var ports: Ports
  private var closing = ClosingConnections()
  var post: CoalescingSender
  var letters: DeadLetterSender
  private var limiter = LogLimiter()
  /// The number of readings of each meter in this run.
  private var readings: [String: Int64] = [:]
  /// Readings that the storage thread's full mailbox refused.
  var readingsUnkept = 0
  let started: Instant
  var healthDue: Instant
  private var watchdog: Watchdog
  let windows: Windows?
  private(set) var hours: LostHours
  private var ending: Shutdown?
  /// For those who look at the values; nil if the configuration does not have a window.
  var store: MeterStore?

  /// Descriptors of the web server and of closing connections in the poll set.
  private var others: Set<Int32> = []

  static let healthInterval = Milliseconds.minutes(1)
  private static let firstHealth = Milliseconds.seconds(2)

  init(
    _ configuration: Configuration, retained: RetainedState, frameCounters: FrameCounters, formats: LearntFormats,
    totals: GuardedTotals, networks: [String: KnownNetwork], numbering: DeadLetterNumbering, hours: LostHours,
    threads: Threads, signals: Signals, manager: ServiceManager, reload: Reload, polled: EventPoll
  ) {
    self.polled = polled
    ports = Ports(in: polled)
    self.configuration = configuration
    self.retained = retained
    self.frameCounters = frameCounters
    self.formats = formats
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
    totalsDue = started + StorageWorker.firstInterval
    watchdog = Watchdog(interval: manager.watchdogInterval, start: started)
    for descriptor in [
      signals.descriptor, threads.brokerReports.descriptor, threads.storageReports.descriptor, reload.descriptor,
      threads.telegrams.batches.descriptor,
    ] {
      polled.watch(PollInterest(descriptor: descriptor, readiness: .readable), as: Self.token(of: descriptor))
    }
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
    watchOthers()
    let events = polled.wait(atMost: timeout())
    let now = Clock.now()
    let wall = Clock.wall()
    let isFree = !closing.isEmpty && closing.service(readiness(in: events), now: now)
    for event in events where event.token >= 0 { serve(event.token, event.readiness, now: now, wall: wall) }
    for place in ports.takeDue(at: now) { serve(place, [], now: now, wall: wall) }
    if isFree, ending == nil { configure() }
    if events.contains(where: { $0.token < 0 }) { hearOthers(now: now, wall: wall) }
    proceedWithReload(now: now)
    tell(letters.due(now: now))
    serveWindows(now: now, wall: wall)
    post.flush()
    if ending == nil { hours.work(configuration.meters, now: now, at: wall) }
    if now >= healthDue { tellHealth(now: now, wall: wall) }
    if now >= totalsDue { saveTotals(now: now) }
    feedWatchdog(now: now)
    finish(now: now)
  }

  /// The other threads, signals, and a configuration that has been read.
  private func hearOthers(now: Instant, wall: WallTime) {
    for report in threads.brokerReports.takeAll() { handle(report, now: now) }
    for batch in threads.telegrams.batches.takeAll() where ending == nil { take(batch, now: now, wall: wall) }
    for report in threads.storageReports.takeAll() where report == .stopped { ending?.hasStorageEnded = true }
    for event in signals.take() { event == .reload ? orderReload(at: now) : end(now: now, wall: wall) }
    takeReload(now: now, wall: wall)
  }

  /// The web server, and connections that close: a few, which come and go with every round.
  private func watchOthers() {
    guard windows != nil || !closing.isEmpty || !others.isEmpty else { return }
    let interests = closing.interests.compactMap(\.self) + (windows?.interests ?? [])
    let descriptors = Set(interests.map(\.descriptor))
    for gone in others.subtracting(descriptors) { polled.watch(nil, as: Self.token(of: gone)) }
    for interest in interests { polled.watch(interest, as: Self.token(of: interest.descriptor)) }
    others = descriptors
  }

  /// Below those of the ports.
  private static func token(of descriptor: Int32) -> Int { -1 - Int(descriptor) }

  private func readiness(in events: [EventPoll.Event]) -> [Readiness] {
    closing.interests.map { interest in
      guard let token = (interest?.descriptor).map(Self.token) else { return [] }
      return events.first { $0.token == token }?.readiness ?? []
    }
  }

  private func timeout() -> Milliseconds? {
    let now = Clock.now()
    var due = min(healthDue, totalsDue, hours.deadline(now: now, wall: Clock.wall()))
    for other in [
      ports.deadline, closing.deadline, reload.deadline, watchdog.deadline, letters.deadline,
      windows?.deadline(at: now), post.isHolding ? now + 100 : nil,
      ending.map { $0.isStorageTold ? $0.deadline : $0.brokerDeadline },
    ] {
      if let other { due = min(due, other) }
    }
    return due - now
  }

  private func serve(_ place: Int, _ ready: Readiness, now: Instant, wall: WallTime) {
    let wasDead = ports[place].isBusDead
    carryOut(ports[place].service(ready, now: now, wall: wall), now: now)
    if ports[place].isBusDead != wasDead { healthDue = min(healthDue, now + Self.firstHealth) }
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
        if keep(letter, now: now), letter.kind == .heldBack { saveTotalsSoon(now: now) }
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
    if !threads.storage.post(.journal(.keep(entry)), isUrgent: false) { readingsUnkept += 1 }
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
  func poll(_ meter: String, now: Instant) -> Bool? {
    ports.place(of: meter).flatMap { ports[$0].poll(meter, now: now) }
  }

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
      return saveTotals(now: now)
    }
  }

  /// Logs a line that anyone on the broker can cause, at most once an hour.
  private func say(_ text: String, now: Instant) {
    if limiter.isNew(text, now: now) { Log.write(.notice, text) }
  }

  // MARK: Configuration

  /// Makes the ports of the configuration; those whose meters have not changed stay.
  private func configure() {
    var former = Dictionary(
      ports.removeAll().map { (SourceGroup($0.settings[0]), $0) }, uniquingKeysWith: { first, _ in first })
    let taken = Set(closing.sources)
    let known = Dictionary(grouping: devices) { $0.parent ?? $0.id }
    for meters in configuration.metersBySource where !taken.contains(meters[0].source) {
      if let port = former.removeValue(forKey: SourceGroup(meters[0])), port.settings == meters {
        ports.append(port)
      } else if var port = Port(
        meters, devices: meters.flatMap { known[$0.id] ?? [] }, frameCounters: frameCounters, totals: totals,
        network: networks[meters[0].id], seed: .random(in: .min ... .max), lookup: threads.lookup,
        fetcher: threads.fetcher)
      {
        port.learn(formats)
        ports.append(port)
      }
    }
    let ids = Set(configuration.meters.map(\.id))
    totals.meters = totals.meters.filter { ids.contains($0.key) && ports.place(of: $0.key) == nil }
    hours.keep(only: configuration.meters)
    threads.telegrams.hear(configuration.topics)
    store?.configure(configuration.meters, known: devices)
    post.send(.meters(configuration.meters.map(ConfiguredMeter.init)))
  }

  private func orderReload(at now: Instant) {
    manager.reloading(at: now)
    reload.order(at: now)
  }

  private func proceedWithReload(now: Instant) {
    guard ending == nil, reload.isSlow(at: now) else { return }
    Log.write(.warning, "the configuration is still being read: does a file that it names wait for a writer?")
    manager.ready()
  }

  private func takeReload(now: Instant, wall: WallTime) {
    guard ending == nil else { return }
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
    totals = allTotals
    configuration.meters = new.meters
    Log.limit.change { $0 = new.logLevel }
    let wanted = Dictionary(
      new.metersBySource.map { (SourceGroup($0[0]), $0) }, uniquingKeysWith: { first, _ in first })
    // Closed before others are opened: a port that is ours alone cannot be opened twice.
    for index in ports.indices where wanted[SourceGroup(ports[index].settings[0])] != ports[index].settings {
      carryOut(ports[index].leave(now: now, wall: wall), now: now)
      closing.add(ports[index].connection, until: now + Limits.leavingInPeace)
    }
    configure()
    Log.write(.notice, "configuration read again: \(counted(new.meters.count, "meter"))")
  }

  // MARK: The end

  private func feedWatchdog(now: Instant) {
    guard let due = watchdog.deadline, now >= due else { return }
    if watchdog.isFed(at: now, standing: threads.ages(at: now).map(\.age)) { manager.alive() }
  }

  private func end(now: Instant, wall: WallTime) {
    guard ending == nil else { return }
    manager.stopping()
    Log.write(.notice, "ending")
    for index in ports.indices {
      carryOut(ports[index].leave(now: now, wall: wall), now: now)
      closing.add(ports[index].connection, until: now + Limits.leaving)
    }
    tell(letters.due(now: now, isEnd: true))
    keepFrameCounters()
    keepFormats()
    saveTotals(isUrgent: false, now: now)
    hours.end()
    _ = ports.removeAll()
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
