internal import Glibc
internal import Meters
internal import MQTT
internal import Platform
internal import Publishing

extension DeadLetterCommand {
  /// Decodes dead letters and publishes their readings; with `isDry` it prints them.
  ///
  /// A letter counts as replayed when the broker has acknowledged all of its readings.
  func replay(_ log: DeadLetterLog, meter: String?, isDry: Bool) throws(Errno) -> Int32 {
    // Two replays at a time would publish everything twice.
    guard isDry ? true : try lock(log.files) else {
      complain("another replay is running in \(log.files.path)")
      return EX_UNAVAILABLE
    }
    defer { if !isDry { log.files.unlock(log.files.descriptor) } }
    var run = ReplayRun(
      replayed: try ReplayedLetters(in: log.files),
      replay: Replay(meters: configuration.meters, devices: knownDevices(log), formats: knownFormats(log)))
    // A connection that the broker closes must not end the program.
    _ = signal(SIGPIPE, SIG_IGN)
    let connection = ReplayConnection(configuration.mqtt, patience: patience, complain: complain)
    defer { connection.close() }
    var present: Set<DeadLetterID> = []
    try letters(log) { entry throws(Errno) in
      present.insert(entry.id)
      guard entry.letter.kind == .undecodable, entry.repeats == nil, meter == nil || entry.letter.meter == meter,
        !run.replayed.ids.contains(entry.id)
      else { return true }
      if isDry {
        show(entry, &run)
      } else {
        try publish(entry, &run, through: connection)
      }
      return run.status == nil
    }
    if let status = run.status { return status }
    if !isDry {
      try run.replayed.keep(only: present)
      fillHours(of: &run, in: log.files)
    }
    tell(run, isDry: isDry)
    return run.left == 0 ? EX_OK : EX_DATAERR
  }

  /// Adds the registers to the hours that the daemon has noted, where it had none later in the hour.
  private func fillHours(of run: inout ReplayRun, in files: any FileSystem) {
    guard let folder = files as? Folder else { return }
    var hours = run.replay.hours
    var database = HoursDatabase(in: folder)
    do throws(SQLiteError) { try database.fill(hours.close(at: nil)) } catch {
      complain("\(database.path): \(error); the hours of these letters cannot be put back into Home Assistant")
    }
  }

  /// Locks the state directory; false where another replay has it.
  private func lock(_ files: any FileSystem) throws(Errno) -> Bool {
    do throws(Errno) {
      try files.lock(files.descriptor)
      return true
    } catch {
      if error.number == EWOULDBLOCK { return false }
      throw error
    }
  }

  /// The sub-meters that the daemon knows, so that theirs are the same topics.
  private func knownDevices(_ log: DeadLetterLog) -> [Device] {
    section(RetainedState.sectionName, log).flatMap { try? RetainedState(parsing: $0) }?.devices.map(\.device) ?? []
  }

  private func knownFormats(_ log: DeadLetterLog) -> [[UInt8]] {
    section(LearntFormats.sectionName, log).flatMap { try? LearntFormats(parsing: $0) }.map { Array($0.formats) } ?? []
  }

  /// A section of the state file; nil if it cannot be read.
  private func section(_ name: String, _ log: DeadLetterLog) -> [UInt8]? {
    var state = StateFile(in: log.files)
    return state.load() == nil ? state.section(name) : nil
  }

  private func publish(
    _ entry: DeadLetterEntry, _ run: inout ReplayRun, through connection: ReplayConnection
  ) throws(Errno) {
    let readings: [ReplayedReading]
    var entries = [entry]
    switch run.replay.decode(entry) {
    case .undecodable: return run.leave(entry, configuration)
    case .repeated: readings = []
    case .decoded(let decoded): readings = decoded
    case .joined(let decoded, let letters):
      readings = decoded
      entries = letters
    }
    guard publish(readings, of: entry, &run, through: connection) else { return }
    for entry in entries { try run.replayed.remember(entry.id) }
    run.finish(entries)
  }

  /// - Returns: whether the broker has acknowledged all readings.
  private func publish(
    _ readings: [ReplayedReading], of entry: DeadLetterEntry, _ run: inout ReplayRun,
    through connection: ReplayConnection
  ) -> Bool {
    for reading in readings {
      let topic = "\(configuration.mqtt.baseTopic)/\(reading.device)/reading"
      do throws(ReplayConnection.Failure) {
        try connection.publish(topic, reading.document)
      } catch {
        guard case .refused(let refusal) = error else {
          run.status = EX_UNAVAILABLE
          return false
        }
        complain("\(topic): \(refusal.text)")
        run.leave(entry, configuration)
        return false
      }
    }
    return true
  }

  /// Prints what `decode` would.
  private func show(_ entry: DeadLetterEntry, _ run: inout ReplayRun) {
    write("\(entry.id)  \(entry.letter.time)  \(entry.letter.meter)")
    show(entry.letter)
    switch run.replay.decode(entry) {
    case .undecodable: run.leave(entry, configuration)
    case .decoded, .repeated: run.finish([entry])
    case .joined(_, let entries):
      write(entries.map(\.id.description).joined(separator: " + "))
      show(DeadLetterRun.joined(entries))
      run.finish(entries)
    }
  }

  private func show(_ letter: DeadLetter) {
    guard let settings = configuration.meters.first(where: { $0.id == letter.meter }) else { return }
    var reader = TelegramReader(settings)
    let results = Replay.pieces(of: letter, settings).flatMap { reader.read($0) } + reader.finish()
    for result in results.adjusted(settings) { write(result.table) }
  }

  private func tell(_ run: ReplayRun, isDry: Bool) {
    let strangers = run.strangers.sorted().joined(separator: ", ")
    if !strangers.isEmpty {
      complain("letters of meters that the configuration does not have cannot be decoded: \(strangers)")
    }
    write("\(run.done) dead letters \(isDry ? "would be replayed" : "replayed"), \(run.left) left")
  }
}

/// The state of one replay.
private struct ReplayRun {
  var replayed: ReplayedLetters
  var replay: Replay
  var done = 0
  var left = 0
  /// Meters of letters that the configuration does not have.
  var strangers: Set<String> = []
  /// Ends the run.
  var status: Int32?

  init(replayed: ReplayedLetters, replay: Replay) {
    self.replayed = replayed
    self.replay = replay
  }

  /// All but the last of these letters were left before.
  mutating func finish(_ entries: [DeadLetterEntry]) {
    done += entries.count
    left -= entries.count - 1
  }

  mutating func leave(_ entry: DeadLetterEntry, _ configuration: Configuration) {
    left += 1
    if !configuration.meters.contains(where: { $0.id == entry.letter.meter }) { strangers.insert(entry.letter.meter) }
  }
}
