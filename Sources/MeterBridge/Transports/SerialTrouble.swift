internal import Base
internal import Glibc
internal import Platform

/// Messages for a serial port that cannot be opened.
enum SerialTrouble {
  static let linksFolder = "/dev/serial/by-id"

  static func opening(_ path: String, _ code: Int32) -> SourceError {
    switch code {
    case ENOENT, ENOTDIR: SourceError(notThere(path, adapters: names(in: linksFolder)), isAbsence: true)
    case EACCES: SourceError(forbidden(path))
    case EPERM: SourceError(closed(path, isService: Environment.process.isService))
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
    let isService = Environment.process.isService
    guard unsafe stat(path, &status) == 0 else {
      return forbidden(path, group: nil, user: userName(), isService: isService)
    }
    let groupMayUse = status.st_mode & (S_IRGRP | S_IWGRP) == S_IRGRP | S_IWGRP
    let isOrdinary = groupMayUse && status.st_gid != 0
    let group = isOrdinary ? groupName(status.st_gid) : nil
    return forbidden(path, group: group, user: userName(), isService: isService)
  }

  /// The permissions of the file are not to blame: a list of devices closes it, that of a unit (`DeviceAllow=`) or of a
  /// container.
  static func closed(_ path: String, isService: Bool) -> String {
    guard isService else {
      return "the system closes \(path) to this program: in a container, give it this device (`--device`)"
    }
    return "systemd's device list closes \(path) to this service: restart it now that the port is there; if that "
      + "does not help, allow its kind with DeviceAllow= (`systemctl edit meterbridge`)"
  }

  /// - Parameters:
  ///   - path: The port.
  ///   - group: The group whose members may use the port; nil where joining one would not help.
  ///   - user: The user that is to join. Root needs no group: it lacks the capability.
  ///   - isService: Whether systemd runs the program, perhaps as a user that does not last.
  /// - Returns: the reason, with the command that helps.
  static func forbidden(_ path: String, group: String?, user: String, isService: Bool) -> String {
    guard let group else {
      return
        "no permission to open \(path), and no group has it: a udev rule must give the port to one (GROUP=\"dialout\")"
    }
    if isService {
      return "no permission to open \(path): give the service the port's group, SupplementaryGroups=\(group) "
        + "(`systemctl edit meterbridge`), and restart it"
    }
    guard user != "root" else {
      return "no permission to open \(path), not even as root: this container or sandbox lacks the right to it"
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
