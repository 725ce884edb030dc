internal import Base
internal import Glibc

/// The limit of open files and sockets.
package enum DescriptorLimit {
  /// Raises it as far as the system allows without privileges.
  package static func raise() {
    var limit = rlimit()
    guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
    limit.rlim_cur = max(limit.rlim_cur, min(limit.rlim_max, rlim_t(Limits.descriptors)))
    unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }

  /// How many sources may keep a descriptor, beside what the program has open by now.
  package static var room: Int {
    var limit = rlimit()
    guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return .max }
    return max(0, Int(clamping: limit.rlim_cur) - Limits.descriptorsKept - Limits.descriptorsOfProgram)
  }

  /// Whether a source may keep a descriptor. The last ones are for the broker and for files: readings are useless if the
  /// program cannot publish them.
  package static func leavesRoom(behind descriptor: Int32) -> Bool {
    var limit = rlimit()
    guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return true }
    return rlim_t(descriptor) + rlim_t(Limits.descriptorsKept) < limit.rlim_cur
  }
}
