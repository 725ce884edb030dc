internal import Base
internal import Glibc

/// `meterbridge status`: whether the daemon runs and every meter is read.
struct StatusCommand {
  let configuration: Configuration
  let isJSON: Bool
  let console: Console

  /// A meter is not read.
  static let stale: Int32 = 1
  /// The daemon is not there.
  static let absent: Int32 = 2

  /// - Returns: 0 if the last telegram of every meter is young enough, else 1. 2 without a daemon.
  func run() -> Int32 {
    _ = signal(SIGPIPE, SIG_IGN)
    var view = DaemonView(configuration, complain: console.complain)
    defer { view.close() }
    do throws(DaemonView.Trouble) {
      let snapshot = try view.look()
      if isJSON {
        console.writeLine(snapshot.json)
      } else {
        StatusTable(snapshot: snapshot).lines.forEach(console.writeLine)
      }
      return snapshot.isFresh ? EX_OK : Self.stale
    } catch {
      console.complain(error.words)
      return Self.absent
    }
  }
}

extension Command {
  /// Says whether all is well.
  static let status = Command(
    name: "status", options: [.config, .json],
    summary: "say whether the daemon runs and every meter is read",
    details: """
      Asks the daemon of this machine: over its web server if the configuration has `http`,
      else by its retained topics on the broker. It prints a line for each meter.

      Ends with 0 if the last telegram of every meter is young enough, with 1 if one is
      not, and with 2 if the daemon is not there: a health check for containers.
      """
  ) { arguments, console in
    do throws(ConfigurationError) {
      let configuration = try Configuration.read(path: arguments.configuration)
      return StatusCommand(configuration: configuration, isJSON: arguments.has(.json), console: console).run()
    } catch {
      error.lines.forEach(console.complain)
      return error.exitStatus
    }
  }
}
