internal import Glibc
internal import Platform

/// Messages for a serial port that cannot be opened.
enum SerialTrouble {
  static let linksFolder = "/dev/serial/by-id"

  static func opening(_ path: String, _ code: Int32) -> SourceError {
    switch code {
    case ENOENT, ENOTDIR: SourceError(notThere(path, adapters: names(in: linksFolder)), isAbsence: true)
    case EACCES, EPERM: SourceError(forbidden(path))
    case EBUSY: SourceError(taken(path))
    case ENXIO, ENODEV, EIO:
      SourceError("\(path) does not work (\(Errno(code))): is its adapter plugged in?")
    case EISDIR: SourceError("\(path) is a folder, not a serial port")
    default: SourceError("cannot open \(path): \(Errno(code))")
    }
  }

  static func taken(_ path: String) -> String {
    "another program reads \(path): only one can, so stop it or give this meter another port"
  }

  static func notThere(_ path: String, adapters: [String]) -> String {
    let plugged =
      adapters.isEmpty
      ? "no serial adapter is" : "plugged in \(adapters.count == 1 ? "is" : "are") " + adapters.joined(separator: ", ")
    let end = adapters.isEmpty ? " plugged in" : ""
    return "\(path) is not there: is the adapter plugged in? (\(plugged)\(end))"
  }

  /// Names the group of `path`, and how to join it.
  private static func forbidden(_ path: String) -> String {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { return forbidden(path, group: nil, user: userName()) }
    let groupMayUse = status.st_mode & (S_IRGRP | S_IWGRP) == S_IRGRP | S_IWGRP
    let isOrdinary = groupMayUse && status.st_gid != 0
    return forbidden(path, group: isOrdinary ? groupName(status.st_gid) : nil, user: userName())
  }

  /// - Parameters:
  ///   - path: The port.
  ///   - group: The group whose members may use the port; nil where joining one would not help.
  ///   - user: The user that is to join.
  /// - Returns: the reason, with the command that helps.
  static func forbidden(_ path: String, group: String?, user: String) -> String {
    guard let group else {
      return
        "no permission to open \(path), and no group has it: a udev rule must give the port to one (GROUP=\"dialout\")"
    }
    return "no permission to open \(path): join its group with \"sudo usermod -aG \(group) \(user)\", "
      + "then log in or start the service again"
  }

  static func groupName(_ id: gid_t) -> String {
    var entry = unsafe group()
    var found: UnsafeMutablePointer<group>?
    var buffer = [CChar](repeating: 0, count: 4096)
    let code = unsafe getgrgid_r(id, &entry, &buffer, buffer.count, &found)
    guard code == 0, unsafe found != nil, let name = unsafe entry.gr_name else { return String(id) }
    return unsafe String(cString: name)
  }

  private static func userName() -> String {
    var entry = unsafe passwd()
    var found: UnsafeMutablePointer<passwd>?
    var buffer = [CChar](repeating: 0, count: 4096)
    let code = unsafe getpwuid_r(geteuid(), &entry, &buffer, buffer.count, &found)
    guard code == 0, unsafe found != nil, let name = unsafe entry.pw_name else { return "$USER" }
    return unsafe String(cString: name)
  }

  /// The entries of a folder, sorted; empty if it does not exist.
  static func names(in folder: String) -> [String] {
    (try? namesOfFiles(in: folder)) ?? []
  }
}
