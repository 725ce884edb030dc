package import Base
internal import Glibc

/// Lines on standard error, each with a priority that journald understands. Secrets never come here: nothing that holds
/// one is printable.
package enum Log {
  /// The least important messages that are written, by all threads: a reload changes it for every one of them.
  package static let limit = Shared(LogLevel.info)

  /// Writes one line in one call, so that lines of several threads do not mix.
  package static func write(_ level: LogLevel, _ text: String) {
    guard level <= limit.current else { return }
    let line = line(level, text, hasPriority: isJournal)
    _ = unsafe Glibc.write(STDERR_FILENO, line, line.count)
  }

  /// One line, whatever the text: some of it comes from meters and servers, and a terminal would obey their control
  /// characters, journald take what follows a line end for a line of ours.
  static func line(_ level: LogLevel, _ text: String, hasPriority: Bool) -> [UInt8] {
    // journald reads the priority; a terminal would only be littered by it.
    var line = hasPriority ? "<\(level.rawValue)>" : ""
    for scalar in text.unicodeScalars {
      let isControl = scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
      line.unicodeScalars.append(isControl ? "\u{FFFD}" : scalar)
    }
    return Array((line + "\n").utf8)
  }

  private static let isJournal = unsafe getenv("JOURNAL_STREAM") != nil
}
