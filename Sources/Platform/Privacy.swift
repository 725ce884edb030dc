internal import CLinux
internal import Glibc

/// Keeps the keys and passwords in memory from other users and processes.
package enum Privacy {
  /// Forbids core dumps, reads of the memory by other processes of the user, and reads of new files by other users.
  package static func begin() {
    var none = rlimit(rlim_cur: 0, rlim_max: 0)
    unsafe setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
    _ = prctl_set_dumpable(0)
    _ = umask(0o077)
  }
}
