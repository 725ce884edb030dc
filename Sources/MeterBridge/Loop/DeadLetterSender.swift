internal import Base
internal import Meters
internal import Platform

/// Numbers the dead letters of this run, logs them, and hands them to the storage thread. Equal ones are counted in one, and
/// those beyond the budget are counted too.
struct DeadLetterSender {
  private let storage: Mailbox<StorageMessage>
  private let status: Shared<StorageStatus>
  private var numbering: DeadLetterNumbering
  private var repeated = RepeatedLetters()
  private var budget = DeadLetterBudget()
  private var limiter = LogLimiter()
  /// Bytes of the telegrams in the letters handed over.
  private var bytes = 0
  /// All letters of this run, those too that were only counted.
  private(set) var count = 0
  /// Letters that the storage thread had no room for.
  private(set) var dropped = 0
  /// Letters that the disk refused, as far as this knows.
  private var lost: UInt64 = 0

  init(_ numbering: DeadLetterNumbering, storage: Mailbox<StorageMessage>, status: Shared<StorageStatus>) {
    self.numbering = numbering
    self.storage = storage
    self.status = status
  }

  /// Letters that were beyond the budget.
  var skipped: Int { budget.skipped }

  /// When `due` has something to return; nil for never.
  var deadline: Instant? { repeated.deadline }

  /// Returns the entries that were written, oldest first: none for a letter that was counted.
  mutating func send(_ letter: DeadLetter, now: Instant) -> [DeadLetterEntry] {
    count += 1
    var entries = forgetLost(now: now)
    if Log.writes(.info) { Log.write(.info, "\(letter.meter): \(letter.message) (\(letter.code))") }
    if repeated.counts(letter, now: now) { return entries }
    guard let entry = entry(letter, now: now) else { return entries }
    let isKept = post(entry)
    if limiter.isNew("\(letter.meter) \(letter.code)", now: now) {
      Log.write(.warning, "\(letter.meter): \(letter.message) (\(letter.code); kept as dead letter \(entry.id))")
    }
    // What is not in the log is not compared with: the next equal letter may find room.
    entries.append(entry)
    if isKept, let summary = repeated.remember(entry, whole: letter, now: now) { entries.append(write(summary)) }
    return entries
  }

  /// Nil for a letter beyond the budget.
  private mutating func entry(_ letter: DeadLetter, now: Instant) -> DeadLetterEntry? {
    var numbering = numbering
    // Thousands a second may be beyond the budget: for most of them it must not be made.
    lazy var entry = DeadLetterEntry(id: numbering.next(at: letter.time), letter: letter)
    switch budget.take(letter, size: { entry.line().count }, now: now) {
    case .write(let skipped):
      entry.skipped = skipped
      self.numbering = numbering
      return entry
    case .skip(let isFirst):
      if isFirst, limiter.isNew("\(letter.meter) \(letter.code) skipped", now: now) {
        let how = "too many dead letters (\(letter.code)): some are kept, all are counted in bridge/health"
        Log.write(.warning, "\(letter.meter): \(how)")
      }
      return nil
    }
  }

  /// A letter that the disk refused is not in the log either: the next one that is equal to it is written whole.
  private mutating func forgetLost(now: Instant) -> [DeadLetterEntry] {
    let lost = status.current.lost
    guard lost != self.lost else { return [] }
    self.lost = lost
    defer { repeated = RepeatedLetters() }
    return due(now: now, isEnd: true)
  }

  /// Writes how many equal letters were counted. Returns the entries.
  mutating func due(now: Instant, isEnd: Bool = false) -> [DeadLetterEntry] {
    repeated.due(now: now, isEnd: isEnd).map { write($0) }
  }

  private mutating func write(_ summary: RepeatedLetters.Summary) -> DeadLetterEntry {
    var entry = DeadLetterEntry(id: numbering.next(at: summary.letter.time), letter: summary.letter)
    entry.repeats = summary.repeats
    _ = post(entry)
    return entry
  }

  /// Returns whether the storage thread takes it.
  private mutating func post(_ entry: DeadLetterEntry) -> Bool {
    let waiting = bytes - status.current.letterBytes
    guard waiting < Limits.letterBytesUnderWay, storage.post(.deadLetter(entry)) else {
      dropped += 1
      return false
    }
    bytes += entry.letter.bytes.count
    return true
  }
}
