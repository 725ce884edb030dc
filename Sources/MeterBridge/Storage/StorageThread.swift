internal import Glibc

/// The only thread that writes files: an SD card may take seconds over one.
enum StorageThread {
  /// Starts the thread; it ends after it has answered `stop`.
  ///
  /// - Parameters:
  ///   - log: the dead-letter log.
  ///   - stateFile: the state file, as it was read at start.
  ///   - inbox: its work.
  ///   - reports: its answers.
  ///   - status: how it is, kept up to date.
  ///   - say: takes lines for the user's log.
  /// - Returns: false where the machine has no thread left.
  static func start(
    log: DeadLetterLog, stateFile: StateFile, inbox: Mailbox<StorageMessage>, reports: Mailbox<StorageReport>,
    status: Shared<StorageStatus>, say: @escaping @Sendable (Log.Level, String) -> Void
  ) -> Bool {
    // A file at the process's size limit is an error to be told, not the end of the program.
    _ = signal(SIGXFSZ, SIG_IGN)
    return Thread.start {
      var worker = StorageWorker(log: log, stateFile: stateFile, say: say)
      while step(&worker, inbox, status) {}
      _ = reports.post(.stopped)
    }
  }

  /// Waits for work and does it; false after `stop`.
  private static func step(
    _ worker: inout StorageWorker, _ inbox: Mailbox<StorageMessage>, _ status: Shared<StorageStatus>
  ) -> Bool {
    let written = worker.written
    let lost = worker.lost
    status.change { $0 = StorageStatus(busySince: nil, written: written, lost: lost) }
    wait(for: inbox.descriptor, until: worker.due)
    for message in inbox.takeAll() {
      let now = Clock.now()
      status.change { $0.busySince = now }
      switch message {
      case .deadLetter(let entry): worker.deadLetter(entry)
      case .state(let section, let isUrgent): worker.state(section, isUrgent: isUrgent, at: now)
      case .network(let meter, let network): worker.network(network, of: meter, at: now)
      case .stop:
        worker.finish(at: now)
        return false
      }
    }
    let now = Clock.now()
    status.change { $0.busySince = now }
    worker.work(at: now)
    return true
  }

  private static func wait(for descriptor: Int32, until due: Instant?) {
    var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    let timeout = due.map { Int32(clamping: max(0, ($0 - Clock.now()).count)) } ?? -1
    _ = unsafe poll(&waiting, 1, timeout)
  }
}
