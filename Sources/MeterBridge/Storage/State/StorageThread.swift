internal import Base
internal import Glibc
internal import Platform
internal import Publishing

/// The only thread that writes files: an SD card may take seconds over one.
enum StorageThread {
  /// Starts the thread; it ends after it has answered `stop`.
  ///
  /// - Parameters:
  ///   - log: the dead-letter log.
  ///   - stateFile: the state file, as it was read at start.
  ///   - journal: where the journal is.
  ///   - inbox: its work.
  ///   - reports: its answers.
  ///   - answer: takes the journal's answers; false where one has to be offered again.
  ///   - status: how it is, kept up to date.
  ///   - say: takes lines for the user's log.
  /// - Returns: false where the machine has no thread left.
  static func start(
    log: DeadLetterLog, stateFile: StateFile, journal: JournalPlace, inbox: Mailbox<StorageMessage>,
    reports: Mailbox<StorageReport>, answer: @escaping @Sendable (JournalReport) -> Bool, status: Shared<StorageStatus>,
    say: @escaping @Sendable (LogLevel, String) -> Void
  ) -> Bool {
    // A file at the process's size limit is an error to log, not the end of the program.
    _ = signal(SIGXFSZ, SIG_IGN)
    return Thread.start {
      var loop = StorageLoop(
        worker: StorageWorker(log: log, stateFile: stateFile, say: say),
        journal: Journal(JournalDatabase(journal), say: say),
        hours: HoursWriter(HoursDatabase(in: journal.folder), say: say), inbox: inbox, answer: answer, status: status)
      while loop.step() {}
      _ = reports.post(.stopped)
    }
  }
}

/// The loop of the thread: the only place where files and clocks meet.
private struct StorageLoop {
  var worker: StorageWorker
  var journal: Journal<JournalDatabase>
  var hours: HoursWriter
  let inbox: Mailbox<StorageMessage>
  /// Hands an answer of the journal over; false where it has to be offered again.
  let answer: @Sendable (JournalReport) -> Bool
  let status: Shared<StorageStatus>
  /// Answers that found the broker thread's mailbox full. It asked for each of them, so their number is bounded.
  var unsent = Queue<JournalReport>()
  /// Messages of the last second or longer.
  var crowd = (count: 0, since: Clock.now())
  /// Whether so many came that more are to be expected.
  var isBusy = false

  /// Waits for work and does it; false after `stop`.
  mutating func step() -> Bool {
    tell(busySince: nil)
    let rest: Milliseconds = isBusy ? Limits.storageRest : 0
    wait(atMost: isBusy ? rest : nil)
    let messages = inbox.takeAll()
    count(messages.count, at: Clock.now())
    for message in messages {
      let now = Clock.now()
      tell(busySince: now)
      switch message {
      case .deadLetter(let entry): worker.deadLetter(entry)
      case .state(let section, let isUrgent): worker.state(section, isUrgent: isUrgent, at: now)
      case .journal(let order):
        // A reading has waited so long at most, and its patience began with it.
        journal.take(order, at: Instant(milliseconds: now.milliseconds - rest.count))
      case .hours(let rows): hours.take(rows, at: Clock.wall())
      case .network(let meter, let network): worker.network(network, of: meter, at: now)
      case .stop:
        journal.finish(at: now)
        worker.finish(at: now)
        return false
      }
    }
    let now = Clock.now()
    tell(busySince: now)
    worker.work(at: now)
    for report in journal.work(at: now) { unsent.append(report) }
    while let report = unsent.first, answer(report) { _ = unsent.popFirst() }
    return true
  }

  private func tell(busySince: Instant?) {
    let new = StorageStatus(
      busySince: busySince, written: worker.written, lost: worker.lost, letterBytes: worker.letterBytes,
      journal: journal.status)
    status.change { $0 = new }
  }

  private mutating func count(_ messages: Int, at now: Instant) {
    crowd.count += messages
    let time = now - crowd.since
    guard time >= .seconds(1) else { return }
    isBusy = Int64(crowd.count) * 1000 >= Limits.storageCrowd * time.count
    crowd = (0, now)
  }

  /// While many readings come, it looks for them a few times a second: to be woken for each would cost more than to keep them.
  private func wait(atMost rest: Milliseconds?) {
    var waiting = pollfd(fd: inbox.descriptor, events: Int16(POLLIN), revents: 0)
    let due = [worker.due, journal.due].compactMap { $0 }.min()
    var timeout = due.map { Int32(clamping: max(0, ($0 - Clock.now()).count)) } ?? -1
    if let rest {
      inbox.watch()
      timeout = min(timeout < 0 ? .max : timeout, Int32(rest.count))
    }
    if !unsent.isEmpty { timeout = timeout < 0 ? 50 : min(timeout, 50) }
    _ = unsafe poll(&waiting, 1, timeout)
  }
}
