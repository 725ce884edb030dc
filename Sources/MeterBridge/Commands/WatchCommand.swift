internal import Base
internal import CLinux
internal import Glibc
internal import Platform

/// `meterbridge watch`: the table of `status`, drawn again each second.
struct WatchCommand {
  let configuration: Configuration
  let console: Console
  /// Nil: until the user ends it.
  var pictures: Int?
  var pause = Milliseconds.seconds(1)

  /// - Returns: 0 when it ends by itself, or when the terminal is gone.
  func run() -> Int32 {
    _ = signal(SIGPIPE, SIG_IGN)
    // Words about the broker would tear the picture; it says itself what is wrong.
    var view = DaemonView(configuration, complain: { _ in })
    defer { view.close() }
    var drawn = 0
    while pictures.map({ drawn < $0 }) ?? true {
      let start = Clock.now()
      let lines: [String]
      do throws(DaemonView.Trouble) { lines = StatusTable(snapshot: try view.look()).lines } catch {
        lines = [error.words]
      }
      guard console.write(Self.picture(lines, Self.size(of: console.output))) else { return EX_OK }
      drawn += 1
      usleep(UInt32(clamping: max(0, (start + pause - Clock.now()).count)) * 1000)
    }
    return EX_OK
  }

  struct Size: Equatable {
    var columns: Int
    var rows: Int
  }

  /// The lines from the first corner of the screen on; what does not fit is cut, and said.
  static func picture(_ lines: [String], _ size: Size) -> String {
    var shown = lines
    if lines.count > size.rows - 1 {
      shown = lines.prefix(max(1, size.rows - 2)) + ["… and \(lines.count - max(1, size.rows - 2)) more lines"]
    }
    // ECMA-48: to the corner; clear the rest of the line; clear the rest of the screen.
    return "\u{1B}[H" + shown.map { "\($0.prefix(size.columns))\u{1B}[K\n" }.joined() + "\u{1B}[J"
  }

  private static func size(of terminal: Int32) -> Size {
    var size = winsize()
    guard unsafe ioctl(terminal, UInt(TIOCGWINSZ), &size) == 0, size.ws_row > 1, size.ws_col > 0 else {
      return Size(columns: 80, rows: 24)
    }
    return Size(columns: Int(size.ws_col), rows: Int(size.ws_row))
  }
}

extension Command {
  /// Shows what the meters do.
  static let watch = Command(
    name: "watch", options: [.config],
    summary: "show what the meters do, on a terminal",
    details: """
      The table of `status`, drawn again each second until Ctrl-C ends it. It looks where
      `status` looks, and waits for a daemon that is not there.
      """
  ) { arguments, console throws(UsageError) in
    guard isatty(console.output) == 1 else {
      throw UsageError("watch needs a terminal; `meterbridge status` prints the table once")
    }
    do throws(ConfigurationError) {
      return WatchCommand(configuration: try Configuration.read(path: arguments.configuration), console: console).run()
    } catch {
      error.lines.forEach(console.complain)
      return error.exitStatus
    }
  }
}
