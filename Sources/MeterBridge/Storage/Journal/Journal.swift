internal import Base
internal import Platform
internal import Publishing

/// Keeps readings until the broker has acknowledged them: first in memory, later on disk. Time is an argument, and the disk
/// is behind `JournalStore`.
///
/// Every reading comes here before the broker thread gets it. Usually it is acknowledged within the patience of two
/// seconds, and is never written. Without a broker, readings are written at once, in a few transactions a second. If the
/// disk refuses, they stay in memory as far as the bound allows.
///
/// The readings of a meter in the file are always older than those in memory.
struct Journal<Store: JournalStore> {
  private var store: Store
  private let say: @Sendable (LogLevel, String) -> Void

  private var waiting = WaitingReadings()
  /// The content of the file, by meter; nil while it is not open.
  private var stored: JournalContent?
  /// The content of the file when it was last open.
  private var outOfReach = ReadingAmount()
  /// Delivered readings that are still in the file.
  private var removals = DeliveredList()
  /// Questions of the broker thread that have no answer yet.
  private var fetches: [(meter: String, after: Int64)] = []
  /// Added to a number of this run, it gives the number in the file. Set when the file is first opened.
  private var bases: [String: Int64]?

  private var patience: Milliseconds = 0
  private var isEnding = false
  private var lastCommit: Instant?
  /// Until then the disk is left alone.
  private var retryAt: Instant?
  private var failure: SQLiteError?
  private var isToBeReopened = false
  private var isFullSaid = false
  private var dropped = 0

  init(_ store: Store, say: @escaping @Sendable (LogLevel, String) -> Void) {
    self.store = store
    self.say = say
  }

  // MARK: Events

  mutating func take(_ order: JournalOrder, at now: Instant) {
    switch order {
    case .keep(let entry):
      waiting.append(entry, at: now)
      keepToBound()
    case .connection(let isUp): patience = isEnding ? Limits.lastPatience : isUp ? Limits.readingPatience : 0
    case .delivered(let list): list.forEach { forget($0) }
    case .fetch(let meter, let after): fetches.append((meter, after))
    case .ending:
      isEnding = true
      patience = min(patience, Limits.lastPatience)
    }
  }

  private mutating func forget(_ delivered: DeliveredReadings) {
    waiting.remove(delivered)
    guard let bases, stored?.has(delivered.meter) ?? true else { return }
    let base = bases[delivered.meter] ?? 0
    removals.add(
      DeliveredReadings(
        meter: delivered.meter,
        numbers: delivered.numbers.lowerBound + base...delivered.numbers.upperBound + base))
  }

  /// When `work` is due; nil if there is nothing to do.
  var due: Instant? {
    if !fetches.isEmpty { return .past }
    return stored == nil ? retryAt ?? .past : commitDue
  }

  private var commitDue: Instant? {
    guard let due = removals.isEmpty ? waiting.oldest.map({ $0 + patience }) : .past else { return nil }
    return max(due, retryAt ?? .past, lastCommit.map { $0 + Limits.journalPause } ?? .past)
  }

  /// Does what is due, and answers.
  mutating func work(at now: Instant) -> [JournalReport] {
    var reports: [JournalReport] = []
    if stored == nil, retryAt ?? .past <= now { reports.append(open(at: now)) }
    if stored != nil, let commitDue, commitDue <= now { commit(at: now, all: false, &reports) }
    for fetch in fetches {
      let answer = answer(fetch, at: now, &reports)
      reports.append(answer)
    }
    fetches = []
    return reports
  }

  /// Writes all readings that are not acknowledged, regardless of the time.
  mutating func finish(at now: Instant) {
    var reports: [JournalReport] = []
    if stored == nil, !waiting.isEmpty { reports.append(open(at: now)) }
    while stored != nil, !waiting.isEmpty || !removals.isEmpty {
      guard commit(at: now, all: true, &reports) else { return }
    }
  }

  var status: JournalStatus {
    var sum = stored?.total ?? outOfReach
    if failure != nil { sum += waiting.amount }
    return JournalStatus(readings: sum.readings, bytes: sum.bytes, dropped: dropped)
  }

  // MARK: Opening

  private mutating func close() {
    store.close()
    if let stored { outOfReach = stored.total }
    stored = nil
  }

  private mutating func open(at now: Instant) -> JournalReport {
    do throws(SQLiteError) {
      return try openOnce()
    } catch {
      if error.isDamage, moveAside(error) {
        do throws(SQLiteError) { return try openOnce() } catch { fail(error, at: now) }
      } else {
        fail(error, at: now)
      }
    }
    return .opened([:])
  }

  private mutating func openOnce() throws(SQLiteError) -> JournalReport {
    let found = try store.open()
    let isFirst = bases == nil
    let bases = bases ?? found.mapValues(\.numbers.upperBound)
    self.bases = bases
    stored = JournalContent(found.mapValues(\.amount))
    retryAt = nil
    isToBeReopened = false
    if store.foreign > 0 {
      dropped += store.foreign
      say(.error, "\(store.path) held \(store.foreign) rows that are not readings of this program; they are removed")
    }
    if isFirst, !found.isEmpty {
      let count = found.values.reduce(0) { $0 + $1.amount.readings }
      say(.notice, "\(store.path) holds \(counted(count, "reading")) of an earlier run, to be sent before new ones")
    }
    var left: [String: ClosedRange<Int64>] = [:]
    for (meter, readings) in found {
      var lowest = readings.numbers.lowerBound
      for removal in removals.ranges where removal.meter == meter && removal.numbers.contains(lowest) {
        lowest = removal.numbers.upperBound + 1
      }
      let base = bases[meter] ?? 0
      if lowest <= readings.numbers.upperBound { left[meter] = lowest - base...readings.numbers.upperBound - base }
    }
    return .opened(left)
  }

  // MARK: Writing

  /// One transaction; false where it failed.
  @discardableResult
  private mutating func commit(at now: Instant, all: Bool, _ reports: inout [JournalReport]) -> Bool {
    if isToBeReopened {
      close()
      reports.append(open(at: now))
      guard stored != nil else { return false }
    }
    let latest = all ? now : Instant(milliseconds: now.milliseconds - patience.count)
    let entries = waiting.waiting(since: latest, bytes: Limits.bytesAtHand)
    do throws(SQLiteError) {
      let outcome = try store.commit(
        removing: removals.ranges,
        adding: entries.map {
          JournalEntry(meter: $0.meter, number: $0.number + base($0.meter), payload: $0.payload)
        })
      lastCommit = now
      account(outcome, added: entries)
      recover()
      return true
    } catch {
      lastCommit = now
      fail(error, at: now)
      // With a full disk the file can still be read. After any other error it is opened again.
      isToBeReopened = !error.isFull
      if error.isDamage, moveAside(error) { reports.append(open(at: now)) }
      return false
    }
  }

  private func base(_ meter: String) -> Int64 { bases?[meter] ?? 0 }

  private mutating func account(_ outcome: JournalOutcome, added: [JournalEntry]) {
    removals = DeliveredList()
    waiting.remove(written: added)
    for entry in added { stored?.add(ReadingAmount(entry), of: entry.meter) }
    for (meter, amount) in outcome.removed { take(amount, of: meter) }
    for (meter, amount) in outcome.dropped {
      take(amount, of: meter)
      dropped += amount.readings
    }
    if !outcome.dropped.isEmpty { sayFull("\(store.path) has reached its limit (limits.journal_megabytes)") }
    if stored?.isEmpty == true { isFullSaid = false }
  }

  private mutating func take(_ amount: ReadingAmount, of meter: String) {
    stored?.take(amount, of: meter)
  }

  private mutating func keepToBound() {
    while waiting.amount.bytes > Limits.journalMemoryBytes, waiting.dropOldest() {
      dropped += 1
      sayFull("the memory for waiting readings is full")
    }
  }

  private mutating func sayFull(_ what: String) {
    guard !isFullSaid else { return }
    isFullSaid = true
    say(.warning, "\(what): the oldest are dropped")
  }

  // MARK: Reading

  private mutating func answer(
    _ fetch: (meter: String, after: Int64), at now: Instant, _ reports: inout [JournalReport]
  ) -> JournalReport {
    var entries: [JournalEntry] = []
    do throws(SQLiteError) {
      entries = try read(fetch)
    } catch {
      // Open it again and try once more. Readings that stay unreadable return with the file.
      close()
      if error.isDamage { _ = moveAside(error) } else { fail(error, at: now) }
      reports.append(open(at: now))
      entries = (try? read(fetch)) ?? []
    }
    if entries.isEmpty { entries = waiting.following(fetch.after, of: fetch.meter) }
    return .fetched(meter: fetch.meter, after: fetch.after, entries)
  }

  private mutating func read(_ fetch: (meter: String, after: Int64)) throws(SQLiteError) -> [JournalEntry] {
    guard stored?.has(fetch.meter) == true else { return [] }
    let base = base(fetch.meter)
    var after = fetch.after + base
    while true {
      let found = try store.fetch(fetch.meter, after: after)
      for number in found.damaged {
        say(.error, "a reading of \(fetch.meter) in \(store.path) is damaged and cannot be sent")
        // Alone: the readings before it are not delivered yet.
        removals.add(DeliveredReadings(meter: fetch.meter, numbers: number...number))
        dropped += 1
        after = max(after, number)
      }
      if !found.entries.isEmpty || found.damaged.isEmpty {
        return found.entries.map { JournalEntry(meter: $0.meter, number: $0.number - base, payload: $0.payload) }
      }
    }
  }

  // MARK: Trouble

  private mutating func fail(_ error: SQLiteError, at now: Instant) {
    retryAt = now + Limits.journalRetry
    if failure?.code != error.code {
      say(
        .error,
        "readings cannot be written to \(store.path): \(error); until that is fixed they are kept in memory only, "
          + "at most \(Limits.journalMemoryBytes / 1_048_576) MiB of them")
    }
    failure = error
  }

  private mutating func recover() {
    retryAt = nil
    guard failure != nil else { return }
    failure = nil
    say(.notice, "readings are written to \(store.path) again")
  }

  /// False if that fails too.
  private mutating func moveAside(_ error: SQLiteError) -> Bool {
    close()
    do throws(Errno) {
      let aside = try store.moveAside()
      dropped += outOfReach.readings
      outOfReach = ReadingAmount()
      removals = DeliveredList()
      say(.error, "\(store.path) is damaged: \(error); it is kept as \(aside), and a new one is begun")
      return true
    } catch {
      return false
    }
  }
}
