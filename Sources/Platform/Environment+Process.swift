package import Base
internal import Glibc

extension Environment {
  /// The variables of this process.
  package static let process = Environment { name in unsafe getenv(name).map { unsafe String(cString: $0) } }

  /// Whether systemd started this process itself. What a service starts, a terminal too, inherits the variables
  /// (systemd.exec(5)), but not the process id in the second one, which systemd sets since version 248.
  package var isService: Bool {
    guard self["INVOCATION_ID"] != nil else { return false }
    return self["SYSTEMD_EXEC_PID"].map { $0 == String(getpid()) } ?? true
  }
}
