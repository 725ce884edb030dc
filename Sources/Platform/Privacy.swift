internal import CLinux
internal import Glibc

/// Keeps the keys and passwords in memory from other users and processes.
package enum Privacy {
  /// From here on the program leaves no core dump, other processes of the same user cannot read its memory, and only the
  /// owner can read new files.
  package static func begin() {
    var none = rlimit(rlim_cur: 0, rlim_max: 0)
    unsafe setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
    _ = prctl_set_dumpable(0)
    _ = umask(0o077)
  }
}
