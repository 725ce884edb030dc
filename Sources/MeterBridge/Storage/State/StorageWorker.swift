internal import Base
internal import Meters
internal import Platform

/// Handles the messages of the storage thread, and decides when to write the state file. Time is an argument.
///
/// A write failure is logged once, and its end once. Other work continues.
struct StorageWorker {
  /// The state file is written this long after the last time, however often the state changes.
  static let stateInterval = Milliseconds.minutes(15)
  /// The same for an urgent state.
  static let urgentInterval = Milliseconds.seconds(10)
  /// The first state of a run, and one that could not be written, waits this long.
  static let firstInterval = Milliseconds.minutes(1)

  private let log: DeadLetterLog
  private var stateFile: StateFile
  private let say: @Sendable (LogLevel, String) -> Void

  private var networks: NetworkFiles
  private var sections: [String: any StateSection] = [:]
  /// When the state file is to be written; nil where nothing has changed.
  private var stateDue: Instant?
  private var lastWritten: Instant?

  private(set) var written: UInt64 = 0
  private(set) var lost: UInt64 = 0
  /// Bytes of the telegrams in both.
  private(set) var letterBytes = 0
  private var lostSinceFailure = 0
  private var letterFailure: Errno?
  private var stateFailure: Errno?

  init(log: DeadLetterLog, stateFile: StateFile, say: @escaping @Sendable (LogLevel, String) -> Void) {
    self.log = log
    self.stateFile = stateFile
    self.say = say
    networks = NetworkFiles(in: log.files)
  }

  /// When `work` has something to do; nil for never.
  var due: Instant? { [stateDue, networks.due].compactMap(\.self).min() }

  /// Writes a letter.
  mutating func deadLetter(_ entry: DeadLetterEntry) {
    letterBytes += entry.letter.bytes.count
    do throws(Errno) {
      try log.append(entry)
    } catch {
      lost += 1
      lostSinceFailure += 1
      if letterFailure != error {
        say(.error, "dead letters cannot be written to \(log.path(0)): \(error); they are lost until that is fixed")
      }
      letterFailure = error
      return
    }
    written += 1
    guard letterFailure != nil else { return }
    say(.notice, "dead letters are written to \(log.path(0)) again; \(lostSinceFailure) were lost")
    letterFailure = nil
    lostSinceFailure = 0
  }

  /// Takes the newest state of a section.
  mutating func state(_ section: any StateSection, isUrgent: Bool, at now: Instant) {
    sections[type(of: section).sectionName] = section
    if isUrgent {
      let due = lastWritten.map { max(now, $0 + Self.urgentInterval) } ?? now
      stateDue = min(stateDue ?? due, due)
    } else if stateDue == nil {
      stateDue = lastWritten.map { $0 + Self.stateInterval } ?? now + Self.firstInterval
    }
  }

  /// Takes the network of a meter.
  mutating func network(_ network: KnownNetwork?, of meter: String, at now: Instant) {
    networks.keep(network, of: meter, at: now)
  }

  /// Writes the files whose time it is.
  mutating func work(at now: Instant) {
    networks.write(at: now, say)
    if let stateDue, stateDue <= now { writeState(at: now) }
  }

  /// Writes whatever is not written yet.
  mutating func finish(at now: Instant) {
    networks.write(at: networks.due ?? now, say)
    if stateDue != nil { writeState(at: now) }
  }

  private mutating func writeState(at now: Instant) {
    for (name, section) in sections { stateFile.set(name, to: section.encoded()) }
    do throws(Errno) {
      if stateFile.isChanged { try stateFile.write() }
      sections = sections.filter { type(of: $0.value).isKept }
    } catch {
      stateDue = now + Self.firstInterval
      if stateFailure != error {
        say(.error, "the state cannot be written to \(stateFile.path): \(error); it is tried again each minute")
      }
      stateFailure = error
      return
    }
    stateDue = nil
    lastWritten = now
    if stateFailure != nil { say(.notice, "the state is written to \(stateFile.path) again") }
    stateFailure = nil
  }
}
