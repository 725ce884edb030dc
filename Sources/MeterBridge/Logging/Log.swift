internal import Glibc

/// Lines on standard error, each with a priority that journald understands. Secrets never come here: nothing that holds
/// one is printable.
enum Log {
  /// The numbers of syslog.
  enum Level: Int, Comparable, Sendable {
    case error = 3
    case warning = 4
    case notice = 5
    case info = 6
    case debug = 7

    static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }
  }

  /// The least important messages that are written, by all threads: a reload changes it for every one of them.
  static let limit = Shared(Level.info)

  /// Writes one line in one call, so that lines of several threads do not mix.
  static func write(_ level: Level, _ text: String) {
    guard level <= limit.current else { return }
    // journald reads the priority; a terminal would only be littered by it.
    let prefix = isJournal ? "<\(level.rawValue)>" : ""
    let line = Array("\(prefix)\(text)\n".utf8)
    _ = unsafe Glibc.write(STDERR_FILENO, line, line.count)
  }

  private static let isJournal = unsafe getenv("JOURNAL_STREAM") != nil
}
