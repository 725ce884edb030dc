internal import Decoders
internal import Glibc

/// The main thread: reads the meters and never blocks. It owns the signals and the timers, and everything that may take
/// long it hands to the other threads.
final class MeterLoop {
  /// What the threads and their mailboxes are made of, once they run.
  struct Threads {
    var broker: Mailbox<BrokerMessage>
    var brokerReports: Mailbox<BrokerReport>
    var brokerStatus: Shared<BrokerStatus>
    var storage: Mailbox<StorageMessage>
    var storageReports: Mailbox<StorageReport>
    var storageStatus: Shared<StorageStatus>
    var lookup: LookupThread
    var fetcher: FetchThread
  }

  private let threads: Threads
  private let signals: Signals
  private let manager: ServiceManager
  private let reread: () -> Configuration?
  private var configuration: Configuration
  private var retained: RetainedState
  private var frameCounters: FrameCounters
  private var networks: [String: KnownNetwork]
  private var totals: GuardedTotals
  private var ports: [Port] = []
  private var farewells = Farewells()
  private var post: CoalescingSender
  private var numbering: DeadLetterNumbering
  private var said = SaidOnce()
  private var deadLetters = 0
  private var lettersDropped = 0
  /// Bytes of the telegrams in those that were handed to the storage thread.
  private var letterBytes = 0
  /// How many readings each meter has had in this run.
  private var readings: [String: Int64] = [:]
  /// Readings that the journal had no time for.
  private var readingsUnkept = 0
  private let started: Instant
  private var healthDue: Instant
  private var watchdog: Watchdog
  private var ending: Ending?

  /// How far the end has come.
  private struct Ending {
    /// When the program ends, whatever the threads do.
    let deadline: Instant
    /// When storage is told to end even though the broker has not answered.
    let brokerDeadline: Instant
    var isStorageTold = false
    var hasStorageEnded = false
    var isDone = false
  }

  private static let healthInterval = Milliseconds.minutes(1)
  private static let firstHealth = Milliseconds.seconds(2)

  /// `reread` reads the configuration anew and tells the user of every mistake; nil where it has one.
  init(
    _ configuration: Configuration, retained: RetainedState, frameCounters: FrameCounters,
    totals: GuardedTotals, networks: [String: KnownNetwork], numbering: DeadLetterNumbering, threads: Threads,
    signals: Signals, manager: ServiceManager,
    reread: @escaping () -> Configuration?
  ) {
    self.configuration = configuration
    self.retained = retained
    self.frameCounters = frameCounters
    self.networks = networks
    self.totals = totals
    self.numbering = numbering
    self.threads = threads
    self.signals = signals
    self.manager = manager
    self.reread = reread
    post = CoalescingSender(threads.broker)
    started = Clock.now()
    healthDue = started + Self.firstHealth
    watchdog = Watchdog(interval: manager.watchdogInterval, start: started)
  }

  /// Runs until a signal ends it.
  func run() {
    configure()
    manager.ready()
    while ending?.isDone != true { step() }
  }

  // MARK: One round

  private func step() {
    var polled = [signals.descriptor, threads.brokerReports.descriptor, threads.storageReports.descriptor].map {
      pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
    }
    polled += ports.map { pollfd(fd: $0.connection.pollDescriptor, events: $0.connection.pollEvents, revents: 0) }
    polled += farewells.polled
    _ = unsafe poll(&polled, nfds_t(polled.count), timeout())
    let now = Clock.now()
    let wall = Clock.wall()
    let reported = polled.dropFirst(3).map(\.revents)
    let isFree = farewells.service(reported.dropFirst(ports.count), now: now)
    serve(reported.prefix(ports.count), now: now, wall: wall)
    if isFree, ending == nil { configure() }
    for report in threads.brokerReports.takeAll() { handle(report, now: now) }
    for report in threads.storageReports.takeAll() where report == .stopped { ending?.hasStorageEnded = true }
    for event in signals.take() { event == .reload ? reload(now: now, wall: wall) : end(now: now, wall: wall) }
    post.flush()
    if now >= healthDue { tellHealth(now: now, wall: wall) }
    feedWatchdog(now: now)
    finish(now: now)
  }

  private func timeout() -> Int32 {
    var deadlines = ports.compactMap(\.deadline)
    deadlines.append(healthDue)
    if let until = farewells.deadline { deadlines.append(until) }
    if let due = watchdog.deadline { deadlines.append(due) }
    if let ending { deadlines.append(ending.isStorageTold ? ending.deadline : ending.brokerDeadline) }
    if post.isHolding { deadlines.append(Clock.now() + 100) }
    guard let next = deadlines.min() else { return -1 }
    return Int32(clamping: max(0, (next - Clock.now()).count))
  }

  private func serve(_ reported: some Sequence<Int16>, now: Instant, wall: WallTime) {
    for (index, events) in reported.enumerated() {
      guard events != 0 || ports[index].deadline.map({ $0 <= now }) == true else { continue }
      carryOut(ports[index].service(events, now: now, wall: wall), now: now)
    }
  }

  private func carryOut(_ outputs: [Port.Output], now: Instant) {
    for output in outputs {
      switch output {
      case .log(let level, let text): Log.write(level, text)
      case .pipeline(.publication(let publication)): publish(publication)
      case .pipeline(.availability(let device, let isOnline)):
        post.send(.availability(device: device, online: isOnline))
      case .pipeline(.notice(let text)): Log.write(.notice, text)
      case .pipeline(.deadLetter(let letter)):
        keep(letter, now: now)
        if letter.kind == .heldBack { keepTotals(isUrgent: true) }
      case .network(let meter, let network):
        networks[meter] = network
        _ = threads.storage.post(.network(meter: meter, network))
      }
    }
  }

  /// The journal gets a reading before the broker thread, which then finds there whatever it misses.
  private func publish(_ publication: Publication) {
    var publication = publication
    if let reading = publication.reading {
      let id = publication.device.id
      publication.number = readings[id, default: 0] + 1
      readings[id] = publication.number
      let entry = JournalEntry(meter: id, number: publication.number, payload: reading)
      if !threads.storage.post(.journal(.keep(entry))) { readingsUnkept += 1 }
    }
    post.send(.publication(publication))
  }

  private func keep(_ letter: DeadLetter, now: Instant) {
    deadLetters += 1
    let entry = DeadLetterEntry(id: numbering.next(at: letter.time), letter: letter)
    let underWay = letterBytes - threads.storageStatus.current.letterBytes
    if underWay < Limits.letterBytesUnderWay, threads.storage.post(.deadLetter(entry)) {
      letterBytes += letter.bytes.count
    } else {
      lettersDropped += 1
    }
    post.send(.deadLetter(entry.event()))
    if said.isNew("\(letter.meter) \(letter.code)", now: now) {
      Log.write(.warning, "\(letter.meter): \(letter.message) (\(letter.code); kept as dead letter \(entry.id))")
    }
  }

  private func handle(_ report: BrokerReport, now: Instant) {
    switch report {
    case .read(let meter): readNow(meter, now: now)
    case .accept(let device): accept(device, now: now)
    case .refused(let letter): keep(letter, now: now)
    case .retained(let state):
      retained = state
      _ = threads.storage.post(.state(state, isUrgent: false))
    case .connected, .disconnected: healthDue = min(healthDue, now + Self.firstHealth)
    case .stopped: tellStorageToEnd()
    }
  }

  private func readNow(_ meter: String, now: Instant) {
    for port in ports {
      guard let index = port.settings.firstIndex(where: { $0.id == meter }) else { continue }
      if !port.connection.poll(meter: index, now: now) {
        Log.write(.notice, "\(meter): speaks by itself and cannot be asked")
      }
    }
  }

  private func accept(_ device: String, now: Instant) {
    for index in ports.indices {
      guard let outputs = ports[index].accept(device, wall: Clock.wall()) else { continue }
      if outputs.isEmpty { Log.write(.notice, "\(device): nothing is held back") }
      carryOut(outputs, now: now)
      return keepTotals(isUrgent: true)
    }
  }

  // MARK: Configuration

  /// Makes the ports that the configuration asks for; those whose meters stay as they were are left alone.
  private func configure() {
    var kept: [Port] = []
    let taken = farewells.sources
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
    post.send(.meters(configuration.meters.map(ConfiguredMeter.init)))
  }

  private func reload(now: Instant, wall: WallTime) {
    manager.reloading(at: now)
    defer { manager.ready() }
    guard let new = reread() else {
      Log.write(.error, "the configuration stays as it was")
      return
    }
    if (new.mqtt, new.homeAssistant) != (configuration.mqtt, configuration.homeAssistant)
      || new.stateDirectory != configuration.stateDirectory || new.journal != configuration.journal
    {
      Log.write(
        .warning, "changes of mqtt, home_assistant, state_directory and the limits of the journal need a restart")
    }
    keepFrameCounters()
    keepTotals(isUrgent: false)
    configuration.meters = new.meters
    Log.limit.change { $0 = new.logLevel }
    let wanted = new.metersBySource
    // Closed before others are opened: a port that is ours alone cannot be opened twice.
    for index in ports.indices where !wanted.contains(ports[index].settings) {
      carryOut(ports[index].leave(now: now, wall: wall), now: now)
      farewells.add(ports[index].connection, now: now)
    }
    configure()
    Log.write(.notice, "configuration read again: \(new.meters.count) meters")
  }

  // MARK: Health

  private func tellHealth(now: Instant, wall: WallTime) {
    healthDue = now + Self.healthInterval
    keepFrameCounters()
    keepTotals(isUrgent: false)
    let broker = threads.brokerStatus.current
    let storage = threads.storageStatus.current
    let health = Health(
      time: wall, uptime: now - started,
      meters: ports.flatMap(\.pipelines).map { ($0.settings.id, $0.counters) }, broker: broker,
      journal: storage.journal,
      deadLetters: deadLetters, deadLettersLost: lettersDropped + Int(storage.lost),
      messagesDropped: post.dropped + broker.reportsDropped + readingsUnkept,
      threads: threadAges(at: now))
    post.send(.health(health.document))
  }

  /// Hands the counters of the meters' ciphers to the state file, where they have risen.
  private func keepFrameCounters() {
    let before = frameCounters
    for pipeline in ports.flatMap(\.pipelines) where !pipeline.frameCounters.isEmpty {
      frameCounters.meters[pipeline.settings.id] = pipeline.frameCounters
    }
    if frameCounters != before { _ = threads.storage.post(.state(frameCounters, isUrgent: false)) }
  }

  /// Hands the totals of the configured meters to the state file.
  private func keepTotals(isUrgent: Bool) {
    for pipeline in ports.flatMap(\.pipelines) { totals.meters[pipeline.settings.id] = pipeline.totals }
    _ = threads.storage.post(.state(totals, isUrgent: isUrgent))
  }

  /// Time since each of the other threads took a step.
  private func threadAges(at now: Instant) -> [(name: String, age: Milliseconds)] {
    [
      ("broker", now - threads.brokerStatus.current.lastStep), ("storage", threads.storageStatus.current.age(at: now)),
      ("lookup", threads.lookup.age(at: now)),
    ]
  }

  private func feedWatchdog(now: Instant) {
    if watchdog.isFed(at: now, standing: threadAges(at: now).map(\.age)) { manager.alive() }
  }

  // MARK: The end

  private func end(now: Instant, wall: WallTime) {
    guard ending == nil else { return }
    manager.stopping()
    Log.write(.notice, "ending")
    for index in ports.indices {
      carryOut(ports[index].leave(now: now, wall: wall), now: now)
      farewells.add(ports[index].connection, now: now)
    }
    keepFrameCounters()
    keepTotals(isUrgent: false)
    ports = []
    post.send(.stop)
    _ = threads.storage.post(.journal(.ending))
    ending = Ending(deadline: now + Limits.ending, brokerDeadline: now + Limits.brokerEnding)
  }

  private func finish(now: Instant) {
    guard let ending else { return }
    if now >= ending.brokerDeadline { tellStorageToEnd() }
    if now >= ending.deadline || (ending.hasStorageEnded && farewells.isEmpty) { self.ending?.isDone = true }
  }

  /// After the broker's thread, whose last report may change the state file.
  private func tellStorageToEnd() {
    guard ending?.isStorageTold == false else { return }
    ending?.isStorageTold = true
    _ = threads.storage.post(.stop)
  }
}

extension Configuration {
  /// The meters, those of one source together, in the order of the file.
  var metersBySource: [[MeterSettings]] {
    var groups: [[MeterSettings]] = []
    for meter in meters {
      if let index = groups.firstIndex(where: { $0[0].source == meter.source }) {
        groups[index].append(meter)
      } else {
        groups.append([meter])
      }
    }
    return groups
  }
}

extension ConfiguredMeter {
  init(_ settings: MeterSettings) {
    self.init(
      id: settings.id, protocolName: settings.meterProtocol.rawValue, source: settings.sourceText,
      heartbeat: settings.heartbeat, minimumInterval: settings.minimumInterval, policies: settings.policies,
      address: settings.address)
  }
}
