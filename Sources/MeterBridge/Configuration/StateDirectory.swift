internal import Base

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
