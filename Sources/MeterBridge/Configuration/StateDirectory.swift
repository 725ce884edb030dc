internal import Base
internal import Glibc
internal import Platform

/// The folder for state that outlives the program.
enum StateDirectory {
  /// The configured folder, else the one systemd made, else the user's.
  ///
  /// - Parameters:
  ///   - configured: `state_directory` of the configuration.
  ///   - environment: looked into for `STATE_DIRECTORY`, `XDG_STATE_HOME` and `HOME`.
  /// - Returns: an absolute path, which need not exist yet; nil if neither source gives one.
  static func path(configured: String?, environment: Environment) -> String? {
    if let configured { return trimmed(configured) }
    // systemd separates several with colons; the unit names one.
    if let made = environment.folder("STATE_DIRECTORY", upTo: ":") { return made }
    if let user = environment.folder("XDG_STATE_HOME") { return user + "/meterbridge" }
    return environment.folder("HOME").map { $0 + "/.local/state/meterbridge" }
  }

  /// What systemd makes for a unit with `StateDirectory=meterbridge`; with `DynamicUser=` a link into `/var/lib/private`.
  static let ofService = "/var/lib/meterbridge"

  /// The service's folder, for a command of root beside the service; nil where the command is about another daemon.
  ///
  /// - Parameters:
  ///   - configuration: the path of the configuration. The service has the default one.
  ///   - environment: a `STATE_DIRECTORY` in it has the last word.
  ///   - user: the effective user.
  ///   - service: the service's folder; it counts if it exists.
  /// - Returns: its path.
  static func besideService(
    configuration: String, environment: Environment, user: UInt32 = geteuid(), service: String = ofService
  ) -> String? {
    guard user == 0, configuration == Program.defaultConfiguration, environment["STATE_DIRECTORY"] == nil,
      unsafe access(service + "/.", F_OK) == 0
    else { return nil }
    return service
  }

  /// Whether a daemon has ever used a folder. systemd makes an empty one.
  static func isUsed(_ folder: Folder) -> Bool {
    [StateLock.name, StateFile.name, DeadLetterLog.name(0)].contains { name in
      do throws(Errno) {
        folder.close(try folder.open(name, O_RDONLY))
        return true
      } catch {
        return error.number != ENOENT
      }
    }
  }

  /// A sentence about a folder that no daemon has used.
  static func unused(_ directory: String) -> String {
    "no daemon has used \(directory) yet: use the daemon's own configuration and user (for the service: root, without "
      + "--config)"
  }

  /// Looks for files of ours that are links, pipes or the like, before any of them is used.
  ///
  /// - Parameters:
  ///   - folder: the opened state directory.
  ///   - meters: the ids of meters that may have a file of their own.
  /// - Returns: a line about each, which says what to do.
  static func refusals(in folder: Folder, meters: [String]) -> [String] {
    let letters = (0..<Limits.deadLetterFiles).map(DeadLetterLog.name)
    let names =
      [StateLock.name, StateFile.name, AbortMark.name, ReplayedLetters.name] + letters + JournalDatabase.names
      + HoursDatabase.names + [IntentFile.name, IntentFile.lockName]
      + meters.map(NetworkFile.name)
    return names.compactMap { name in
      do throws(Errno) {
        folder.close(try folder.open(name, O_RDONLY))
        return nil
      } catch {
        return error.refusal.map { "\(folder.path(of: name)): \($0)" }
      }
    }
  }

  fileprivate static func trimmed(_ path: String) -> String {
    var path = path
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    return path
  }
}

extension Environment {
  /// A variable that holds an absolute path; the XDG specification ignores relative ones.
  fileprivate func folder(_ name: String, upTo separator: Character? = nil) -> String? {
    guard var text = self[name] else { return nil }
    if let separator { text = String(text.prefix { $0 != separator }) }
    return text.hasPrefix("/") ? StateDirectory.trimmed(text) : nil
  }
}

extension Configuration {
  /// Reads the configuration of a daemon for a command that looks into its state directory.
  static func ofDaemon(_ path: String) throws(ConfigurationError) -> Configuration {
    var configuration = try read(path: path)
    configuration.stateDirectory =
      configuration.stateDirectory ?? StateDirectory.besideService(configuration: path, environment: .process)
    return configuration
  }
}
