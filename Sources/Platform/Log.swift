package import Base
internal import Glibc

/// Lines on standard error, each with a priority that journald understands. `Secret` keeps secrets out of them.
package enum Log {
  /// The least important level that the log writes. A reload changes it for all threads.
  package static let limit = Shared(LogLevel.info)

  private static let thread = Shared<LogThread?>(nil)

  /// From here on a thread of its own writes the lines, so that a reader who stands still stops nothing else.
  ///
  /// It is called before the other threads that log, and after `Signals`. False if the system refuses a thread.
  package static func begin() -> Bool {
    let started = LogThread(to: STDERR_FILENO) { lost in
      line(.warning, "\(lost) lines of this log are lost: its reader did not keep up", hasPriority: isJournal)
    }
    thread.change { $0 = started }
    return started != nil
  }

  /// Before the program ends: gives the last lines a moment to get out.
  package static func finish() { thread.current?.finish(atMost: Limits.lastLines) }

  /// Writes one line, whole: lines of several threads do not mix. It waits for the reader only before `begin`.
  package static func write(_ level: LogLevel, _ text: String) {
    guard level <= limit.current else { return }
    let line = line(level, text, hasPriority: isJournal)
    if let thread = thread.current { thread.write(line) } else { _ = writeWhole(line, to: STDERR_FILENO) }
  }

  /// One line without control characters, and not without end: some text comes from meters and servers.
  ///
  /// A terminal would obey control characters, and journald would take the text behind a line end for a line of ours.
  static func line(_ level: LogLevel, _ text: String, hasPriority: Bool) -> [UInt8] {
    // journald reads the priority; on a terminal it would be litter.
    var line = hasPriority ? "<\(level.rawValue)>" : ""
    for scalar in text.unicodeScalars {
      if line.utf8.count >= Limits.logLineBytes {
        line += "…"
        break
      }
      line.unicodeScalars.append(isObeyed(scalar) ? "\u{FFFD}" : scalar)
    }
    return Array((line + "\n").utf8)
  }

  private static let isJournal = unsafe getenv("JOURNAL_STREAM") != nil
}
