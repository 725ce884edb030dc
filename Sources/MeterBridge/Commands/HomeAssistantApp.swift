internal import Base
internal import Glibc
internal import Platform

/// Starts the daemon as a Home Assistant app: with the options or the user's own file, and the broker of Home Assistant.
struct HomeAssistantApp: Sendable {
  /// With `data` and `config` in it: `/` in a container.
  let folder: String
  let environment: Environment
  /// The Supervisor, which starts apps and knows the broker.
  private let supervisor: Supervisor

  init(folder: String, environment: Environment) {
    self.folder = folder.hasSuffix("/") ? folder : folder + "/"
    self.environment = environment
    supervisor = Supervisor(environment: environment)
  }

  /// Runs until a signal. Without a broker it waits for one.
  ///
  /// - Returns: As `run`.
  func run(_ console: Console) -> Int32 {
    do throws(ConfigurationError) {
      let text = try text()
      if !text.isOptions { Log.write(.notice, "\(text.path) takes the place of the options") }
      var read = try configuration(broker: nil)
      var broker: AppBroker?
      if read.needsBroker {
        broker = supervisor.awaitBroker()
        read = try configuration(broker: broker)
      }
      let command = RunCommand(configuration: read.configuration, environment: environment) { [broker] in
        do throws(ConfigurationError) {
          return .read(try configuration(broker: broker).configuration)
        } catch {
          return .refused(error.lines)
        }
      }
      return command.run()
    } catch {
      error.lines.forEach(console.complain)
      return error.exitStatus
    }
  }

  private func configuration(broker: AppBroker?) throws(ConfigurationError) -> AppConfiguration {
    try AppConfiguration(try text(), broker: broker, state: folder + "data/state", environment: environment)
  }

  /// The user's own file has the first word; while it is there, the options say nothing.
  private func text() throws(ConfigurationError) -> AppConfiguration.Text {
    for (path, isOptions) in [(folder + "config/meterbridge.yaml", false), (folder + "data/options.json", true)] {
      do throws(FileProblem) {
        let bytes = try readFile(path, upTo: Limits.configurationBytes)
        return AppConfiguration.Text(bytes: bytes, path: path, isOptions: isOptions)
      } catch {
        guard error.isMissing, !isOptions else { throw .unreadable(path: path, reason: error.reason) }
      }
    }
    preconditionFailure("the loop ends with the options")
  }
}

extension Option {
  static let homeAssistantApp = Option(
    name: "home-assistant-app", value: .text("FOLDER"), help: "run as the app of Home Assistant")
}
