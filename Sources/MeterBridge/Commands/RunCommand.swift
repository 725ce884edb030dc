internal import Base
internal import Glibc
internal import Meters
internal import Platform
internal import Publishing

/// `meterbridge run`: the daemon.
struct RunCommand {
  var configuration: Configuration
  var environment: Environment
  /// Reads the file again and reports every mistake; nil if it has one.
  var reread: () -> Configuration?

  /// Runs until SIGTERM or SIGINT.
  ///
  /// - Returns: 0 after a clean end. 69 if the machine lacks resources or another daemon uses the files. 74 without a
  ///   place for them.
  func run() -> Int32 {
    DescriptorLimit.raise()
    Log.limit.change { $0 = configuration.logLevel }
    configuration.warnings.forEach { Log.write(.warning, $0) }
    guard let directory = StateDirectory.path(configured: configuration.stateDirectory, environment: environment)
    else { return fail(EX_IOERR, "no place for the state: set state_directory, or HOME") }
    do throws(Errno) { try LinuxFileSystem().makeDirectories(directory) } catch {
      return fail(EX_IOERR, "\(directory): \(error); set state_directory to a folder that can be written")
    }
    let lock: StateLock
    do throws(StateLock.Taken) { lock = try StateLock(directory: directory) } catch {
      let advice = "stop it, or give this one a state_directory of its own"
      return fail(EX_UNAVAILABLE, "another meterbridge uses \(directory): \(advice)")
    }
    if let trouble = lock.trouble { Log.write(.warning, trouble) }
    let aborts = AbortMark(path: "\(directory)/\(AbortMark.name)")
    if let warning = aborts.warning { Log.write(.warning, warning) }
    guard let signals = Signals(), let brokerInbox = Mailbox<BrokerMessage>(capacity: Limits.brokerMailbox),
      let brokerReports = Mailbox<BrokerReport>(), let storageInbox = Mailbox<StorageMessage>(),
      let storageReports = Mailbox<StorageReport>(), let lookup = LookupThread()
    else { return fail(EX_UNAVAILABLE, "no file descriptors or threads left: raise the limits (ulimit -n, -u)") }
    var stateFile = StateFile(directory: directory)
    do throws(Errno) {
      if let trouble = try stateFile.read() { Log.write(.warning, trouble) }
    } catch {
      return fail(EX_UNAVAILABLE, "\(stateFile.path) cannot be read for now: \(error)")
    }
    let retained = section(of: &stateFile, or: noRetained, RetainedState.init(parsing:))
    let frameCounters = section(of: &stateFile, or: FrameCounters(), FrameCounters.init(parsing:))
    let totals = section(of: &stateFile, or: GuardedTotals(), GuardedTotals.init(parsing:))
    let threads = MeterLoop.Threads(
      broker: brokerInbox, brokerReports: brokerReports, brokerStatus: Shared(BrokerStatus(lastStep: Clock.now())),
      storage: storageInbox, storageReports: storageReports, storageStatus: Shared(StorageStatus()), lookup: lookup,
      fetcher: FetchThread())
    let log = DeadLetterLog(directory: directory)
    let journal = JournalPlace(directory: directory, limit: configuration.journal.megabytes * 1_048_576)
    guard start(threads, log: log, journal: journal, stateFile: stateFile, retained: retained, aborts: aborts) else {
      return fail(EX_UNAVAILABLE, "no threads left: raise the limit (ulimit -u)")
    }
    let loop = MeterLoop(
      configuration, retained: retained, frameCounters: frameCounters, totals: totals,
      networks: networks(in: directory),
      numbering: DeadLetterNumbering(after: log.newestID()), threads: threads, signals: signals,
      manager: ServiceManager(environment: environment), reread: reread)
    loop.run()
    aborts.clear()
    lock.release()
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
      nodeID: configuration.homeAssistant.nodeID, devices: [])
  }

  /// The saved networks of meters on the B-route.
  private func networks(in directory: String) -> [String: KnownNetwork] {
    var known: [String: KnownNetwork] = [:]
    for meter in configuration.meters where meter.credentials != nil {
      let file = NetworkFile(directory: directory, meter: meter.id).read()
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

extension Command {
  /// Runs the daemon.
  static let run = Command(
    name: "run", options: [.config],
    summary: "read the meters and publish what they say",
    details: """
      The daemon. It logs to standard error and ends on SIGTERM or SIGINT. SIGHUP makes it
      read its configuration again: meters that stay as they are keep running, and a
      configuration with a mistake changes nothing.

      Ends with 0 after a signal, 78 where the configuration is wrong, 66 without one.
      """
  ) { arguments, console in
    func read() -> (configuration: Configuration?, status: Int32) {
      do throws(ConfigurationError) { return (try Configuration.read(path: arguments.configuration), EX_OK) } catch {
        error.lines.forEach(console.complain)
        return (nil, error.exitStatus)
      }
    }
    let first = read()
    guard let configuration = first.configuration else { return first.status }
    return RunCommand(configuration: configuration, environment: .process, reread: { read().configuration }).run()
  }
}
