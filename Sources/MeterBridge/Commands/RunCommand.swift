internal import Base
internal import Glibc
internal import Meters
internal import Platform
internal import Publishing

/// `meterbridge run`: the daemon.
struct RunCommand {
  var configuration: Configuration
  var environment: Environment
  /// Reads the file again.
  var reread: @Sendable () -> Reload.Outcome

  /// Runs until SIGTERM or SIGINT.
  ///
  /// Until `Signals` is made, either of them ends it by itself: whatever may be slow at the start is read before.
  ///
  /// - Returns: 0 after a clean end. 69 if the machine lacks resources or another daemon uses the files. 74 without a
  ///   place for them, or if that is not safe.
  func run() -> Int32 {
    Memory.returnsLargeBlocks()
    // The reader of the log may go at any time.
    _ = signal(SIGPIPE, SIG_IGN)
    DescriptorLimit.raise()
    Log.limit.change { $0 = configuration.logLevel }
    configuration.warnings.forEach { Log.write(.warning, $0) }
    let (sources, room) = (configuration.metersBySource.count, DescriptorLimit.room)
    if sources > room {
      let advice = "raise the limit (LimitNOFILE= of the service, ulimit -Hn)"
      Log.write(.warning, "\(sources) sources, but the limit of open files leaves room for \(room): \(advice)")
    }
    guard let directory = StateDirectory.path(configured: configuration.stateDirectory, environment: environment)
    else { return fail(EX_IOERR, "no place for the state: set state_directory, or HOME") }
    let folder: Folder
    do throws(Errno) { folder = try Folder(making: directory) } catch {
      let advice = error.refusal == nil ? "; set state_directory to a folder that can be written" : ""
      return fail(EX_IOERR, "\(directory): \(error)\(advice)")
    }
    let refusals = StateDirectory.refusals(
      in: folder, meters: configuration.meters.filter { $0.credentials != nil }.map(\.id))
    guard refusals.isEmpty else {
      refusals.forEach { Log.write(.error, $0) }
      return EX_IOERR
    }
    let lock: StateLock
    do throws(StateLock.Taken) { lock = try StateLock(in: folder) } catch {
      let advice = "stop it, or give this one a state_directory of its own"
      return fail(EX_UNAVAILABLE, "another meterbridge uses \(directory): \(advice)")
    }
    if let trouble = lock.trouble { Log.write(.warning, trouble) }
    var stateFile = StateFile(in: folder)
    do throws(Errno) {
      if let trouble = try stateFile.read() { Log.write(.warning, trouble) }
    } catch {
      return fail(EX_UNAVAILABLE, "\(stateFile.path) cannot be read for now: \(error)")
    }
    let status = run(in: folder, consume stateFile)
    lock.release()
    Log.finish()
    return status
  }

  private func run(in folder: Folder, _ stateFile: consuming StateFile) -> Int32 {
    let aborts = AbortMark(in: folder)
    if let warning = aborts.warning { Log.write(.warning, warning) }
    let retained = section(of: &stateFile, or: noRetained, RetainedState.init(parsing:))
    let frameCounters = section(of: &stateFile, or: FrameCounters(), FrameCounters.init(parsing:))
    let formats = section(of: &stateFile, or: LearntFormats(), LearntFormats.init(parsing:))
    let totals = section(of: &stateFile, or: GuardedTotals(), GuardedTotals.init(parsing:))
    let outages = section(of: &stateFile, or: Outages(), Outages.init(parsing:))
    var ledger = HoursDatabase(in: folder)
    let lastAlive: WallTime?
    do throws(SQLiteError) { lastAlive = try ledger.newest(until: Clock.wall().hour) } catch {
      lastAlive = nil
      _ = ledger.moveAside(after: error) { Log.write($0, $1) }
    }
    let networks = networks(in: folder)
    let log = DeadLetterLog(in: folder)
    let numbering = DeadLetterNumbering(after: log.newestID())
    let status = Shared(BrokerStatus(lastStep: Clock.now()))
    guard let signals = Signals(), Log.begin(), let reload = Reload(reread),
      let brokerInbox = Mailbox<BrokerMessage>(capacity: Limits.brokerMailbox),
      let brokerReports = Mailbox<BrokerReport>(),
      let storageInbox = Mailbox<StorageMessage>(capacity: max(Limits.mailbox, 4 * configuration.meters.count)),
      let storageReports = Mailbox<StorageReport>(), let lookup = LookupThread(),
      let telegrams = TelegramThread(configuration.mqtt, avoidsFive: aborts.avoidsFive, status: status),
      let polled = EventPoll()
    else { return fail(EX_UNAVAILABLE, "no file descriptors or threads left: raise the limits (ulimit -n, -u)") }
    // Not before `Log.begin`: a reader of the log that stands still would keep the program from starting.
    Log.write(.notice, "\(configuration.start), state in \(folder.path)")
    let threads = MeterLoop.Threads(
      broker: brokerInbox, brokerReports: brokerReports, brokerStatus: status,
      storage: storageInbox, storageReports: storageReports, storageStatus: Shared(StorageStatus()), lookup: lookup,
      fetcher: FetchThread(), telegrams: telegrams)
    let journal = JournalPlace(in: folder, limit: configuration.journal.megabytes * 1_048_576)
    guard start(threads, log: log, journal: journal, stateFile: consume stateFile, retained: retained, aborts: aborts)
    else {
      return fail(EX_UNAVAILABLE, "no threads left: raise the limit (ulimit -u)")
    }
    let hours = LostHours(
      outages, lastAlive: lastAlive, storage: storageInbox, folder: folder,
      thread: RepairThread(configuration.homeAssistant, in: folder), configuration.homeAssistant,
      keepAlive: configuration.mqtt.keepAlive, now: Clock.wall())
    let loop = MeterLoop(
      configuration, retained: retained, frameCounters: frameCounters, formats: formats, totals: totals,
      networks: networks, numbering: numbering, hours: hours, threads: threads, signals: signals,
      manager: ServiceManager(environment: environment), reload: reload, polled: polled)
    loop.run()
    aborts.clear()
    return EX_OK
  }

  private func start(
    _ threads: MeterLoop.Threads, log: DeadLetterLog, journal: JournalPlace, stateFile: StateFile,
    retained: RetainedState, aborts: AbortMark
  ) -> Bool {
    let order = BrokerThread.Order(
      mqtt: configuration.mqtt, homeAssistant: configuration.homeAssistant, retained: retained,
      version: Version.text, replayPace: Milliseconds(1000 / Int64(configuration.journal.replayPerSecond)),
      avoidsFive: aborts.avoidsFive, abortFile: aborts.file)
    return StorageThread.start(
      log: log, stateFile: stateFile, journal: journal, inbox: threads.storage,
      reports: threads.storageReports, answer: { [broker = threads.broker] in broker.post(.journal($0)) },
      status: threads.storageStatus,
      say: Log.write)
      && BrokerThread.start(
        order, inbox: threads.broker, reports: threads.brokerReports, storage: threads.storage,
        status: threads.brokerStatus)
  }

  /// The state of an earlier run, or the initial one. A damaged section is logged.
  private func section<Section: StateSection>(
    of stateFile: inout StateFile, or initial: Section, _ parse: ([UInt8]) throws(YAMLError) -> Section
  ) -> Section {
    guard let json = stateFile.section(Section.sectionName) else { return initial }
    do throws(YAMLError) { return try parse(json) } catch {
      let trouble = stateFile.dropDamaged(Section.sectionName, because: error.problem)
      Log.write(.warning, trouble)
      return initial
    }
  }

  /// The retained topics of a first run.
  private var noRetained: RetainedState {
    RetainedState(
      baseTopic: configuration.mqtt.baseTopic, discoveryPrefix: configuration.homeAssistant.prefix,
      nodeID: configuration.homeAssistant.nodeID, forms: configuration.homeAssistant.discovery, devices: [])
  }

  /// The saved networks of meters on the B-route.
  private func networks(in folder: Folder) -> [String: KnownNetwork] {
    var known: [String: KnownNetwork] = [:]
    for meter in configuration.meters where meter.credentials != nil {
      let file = NetworkFile(in: folder, meter: meter.id).read()
      if let trouble = file.trouble { Log.write(.warning, trouble) }
      guard let network = file.network else { continue }
      if network.fingerprint == meter.credentials?.fingerprint {
        known[meter.id] = network
      } else {
        let text = "\(meter.id): the saved network belongs to another id or password; the meter is searched again"
        Log.write(.notice, text)
      }
    }
    return known
  }

  private func fail(_ status: Int32, _ text: String) -> Int32 {
    Log.write(.error, text)
    return status
  }
}

extension Configuration {
  /// The program and its order: `meterbridge 0.1.0: 1 meter, broker localhost:1883`.
  fileprivate var start: String {
    "meterbridge \(Version.text): \(counted(meters.count, "meter")), broker \(mqtt.brokerNames)"
  }
}

extension Command {
  /// Runs the daemon.
  static let run = Command(
    name: "run", operands: "[FILE]", operandCount: 0...1, options: [.config, .homeAssistantApp],
    summary: "read the meters and publish what they say",
    details: """
      The daemon. It logs to standard error and ends on SIGTERM or SIGINT. SIGHUP makes it
      read its configuration again: meters that stay as they are keep running, and a
      configuration with a mistake changes nothing.

      With --home-assistant-app it takes the options in data/options.json or the
      configuration in config/meterbridge.yaml, below FOLDER, and the broker from
      Home Assistant. The app of Home Assistant starts it so.

      Ends with 0 after a signal, 78 where the configuration is wrong, 66 without one.
      """
  ) { (arguments, console) throws(UsageError) in
    if let folder = arguments[.homeAssistantApp] {
      guard arguments.operands.isEmpty, !arguments.has(.config) else {
        throw UsageError("--home-assistant-app has its configuration in FOLDER")
      }
      return HomeAssistantApp(folder: folder, environment: .process).run(console)
    }
    let path = try arguments.namedConfiguration()
    let configuration: Configuration
    do throws(ConfigurationError) { configuration = try Configuration.read(path: path) } catch {
      error.lines.forEach(console.complain)
      return error.exitStatus
    }
    let command = RunCommand(configuration: configuration, environment: .process) {
      do throws(ConfigurationError) {
        return .read(try Configuration.read(path: path))
      } catch {
        return .refused(error.lines)
      }
    }
    return command.run()
  }
}
