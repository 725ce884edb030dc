package import Base
internal import Glibc

/// Lines on standard error: with a priority under journald, else with local time and level.
///
/// `Secret` keeps secrets out of them.
package enum Log {
  /// The least important level that the log writes. A reload changes it for all threads.
  package static let limit = Shared(LogLevel.notice)

  private static let thread = Shared<LogThread?>(nil)

  /// From here on a thread of its own writes the lines, so that a reader who stands still stops nothing else.
  ///
  /// It is called before the other threads that log, and after `Signals`. False if the system refuses a thread.
  package static func begin() -> Bool {
    let started = LogThread(to: STDERR_FILENO) { lost in
      let lines = "\(counted(lost, "line")) of this log \(lost == 1 ? "is" : "are") lost"
      return line(.warning, "\(lines): its reader did not keep up", style, at: Clock.wall())
    }
    thread.change { $0 = started }
    return started != nil
  }

  /// Before the program ends: gives the last lines a moment to get out.
  package static func finish() { thread.current?.finish(atMost: Limits.lastLines) }

  /// Whether lines of a level are written. It saves making their text.
  package static func writes(_ level: LogLevel) -> Bool { level <= limit.current }

  /// Writes one line, whole: lines of several threads do not mix. It waits for the reader only before `begin`.
  package static func write(_ level: LogLevel, _ text: String) {
    guard writes(level) else { return }
    let line = line(level, text, style, at: Clock.wall())
    if let thread = thread.current { thread.write(line) } else { _ = writeWhole(line, to: STDERR_FILENO) }
  }

  /// One line without control characters, and not without end: some text comes from meters and servers.
  ///
  /// A terminal would obey control characters, and journald would take the text behind a line end for a line of ours.
  static func line(_ level: LogLevel, _ text: String, _ style: LogStyle, at time: WallTime) -> [UInt8] {
    var line = style.beginning(level, at: time)
    for scalar in text.unicodeScalars {
      if line.utf8.count >= Limits.logLineBytes {
        line += "…"
        break
      }
      line.unicodeScalars.append(isObeyed(scalar) ? "\u{FFFD}" : scalar)
    }
    return Array((line + "\n").utf8)
  }

  private static let style = LogStyle(of: STDERR_FILENO, .process)
}
