internal import CLinux
internal import Glibc

/// Keeps the keys and passwords in memory from everybody else on the machine.
enum Privacy {
  /// From here on there is no core dump, other processes of the same user cannot look into this one, and new files are
  /// their owner's alone.
  static func begin() {
    var none = rlimit(rlim_cur: 0, rlim_max: 0)
    unsafe setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
    _ = prctl_set_dumpable(0)
    _ = umask(0o077)
  }
}
