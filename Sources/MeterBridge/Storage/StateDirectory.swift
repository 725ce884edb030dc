internal import Glibc

/// Where the program keeps what must survive a restart.
enum StateDirectory {
  /// The configured directory, else the one of systemd, else the one of the user's session; nil where there is no home.
  static func path(
    configured: String?, environment: (String) -> String? = variable
  ) -> String? {
    if let configured { return trimmed(configured) }
    // systemd lists several, separated by colons, where a unit asks for several.
    if let first = environment("STATE_DIRECTORY")?.split(separator: ":").first { return trimmed(String(first)) }
    // A relative one is to be ignored (XDG Base Directory Specification).
    if let base = environment("XDG_STATE_HOME"), base.hasPrefix("/") { return trimmed(base) + "/meterbridge" }
    if let home = environment("HOME"), home.hasPrefix("/") { return trimmed(home) + "/.local/state/meterbridge" }
    return nil
  }

  private static func variable(_ name: String) -> String? {
    unsafe getenv(name).map { unsafe String(cString: $0) }
  }

  private static func trimmed(_ path: String) -> String {
    var path = path
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    return path
  }
}
