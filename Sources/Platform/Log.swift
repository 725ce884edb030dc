package import Base
internal import Glibc

/// Lines on standard error, each with a priority that journald understands. `Secret` keeps secrets out of them.
package enum Log {
  /// The least important level that the log writes. A reload changes it for all threads.
  package static let limit = Shared(LogLevel.info)

  /// Writes one line in one call, so that lines of several threads do not mix.
  package static func write(_ level: LogLevel, _ text: String) {
    guard level <= limit.current else { return }
    let line = line(level, text, hasPriority: isJournal)
    _ = unsafe Glibc.write(STDERR_FILENO, line, line.count)
  }

  /// One line without control characters: some text comes from meters and servers.
  ///
  /// A terminal would obey control characters, and journald would take the text behind a line end for a line of ours.
  static func line(_ level: LogLevel, _ text: String, hasPriority: Bool) -> [UInt8] {
    // journald reads the priority; on a terminal it would be litter.
    var line = hasPriority ? "<\(level.rawValue)>" : ""
    for scalar in text.unicodeScalars {
      line.unicodeScalars.append(isObeyed(scalar) ? "\u{FFFD}" : scalar)
    }
    return Array((line + "\n").utf8)
  }

  private static let isJournal = unsafe getenv("JOURNAL_STREAM") != nil
}
