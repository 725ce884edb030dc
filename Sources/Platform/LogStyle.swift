internal import Base
internal import Glibc

/// How a line of the log begins, by the reader of the log.
enum LogStyle: Equatable {
  /// journald keeps the time itself, and reads the priority: `<4>`.
  case journal
  /// A terminal that shows colours.
  case colour
  /// A file, a pipe or a terminal without colours.
  case plain

  /// - Parameters:
  ///   - descriptor: takes the lines.
  ///   - environment: says whether journald reads it (`JOURNAL_STREAM` of systemd.exec(5)), and whether colours are
  ///     wanted (no-color.org).
  init(of descriptor: Int32, _ environment: Environment) {
    var file = stat()
    let isFile = unsafe fstat(descriptor, &file) == 0
    if isFile, environment["JOURNAL_STREAM"] == "\(file.st_dev):\(file.st_ino)" {
      self = .journal
    } else {
      let isWanted = environment["NO_COLOR"]?.isEmpty ?? true
      self = isWanted && environment["TERM"] != "dumb" && isatty(descriptor) == 1 ? .colour : .plain
    }
  }

  /// The text before a message: `2026-11-20 12:00:01.250 warning `, local time.
  func beginning(_ level: LogLevel, at time: WallTime) -> String {
    guard self != .journal else { return "<\(level.rawValue)>" }
    let name = self == .colour ? "\(Self.colour(of: level))\(level.name)\u{1B}[0m" : level.name
    let blanks = String(repeating: " ", count: Self.width - level.name.utf8.count)
    return "\(time.local) \(name)\(blanks)"
  }

  /// Of the longest level, and a blank.
  private static let width = "warning ".utf8.count

  private static func colour(of level: LogLevel) -> String {
    switch level {
    case .error: "\u{1B}[31m"
    case .warning: "\u{1B}[33m"
    case .notice: "\u{1B}[32m"
    case .info: "\u{1B}[36m"
    case .debug: "\u{1B}[2m"
    }
  }
}
