internal import Base
internal import Glibc
internal import Platform

/// A serial port of this machine.
struct SerialAdapter: Equatable {
  /// `/dev/ttyUSB0`, or the configured path of a port that is no adapter.
  var device: String
  /// Its names below `/dev/serial/by-id`, which stay the same in every socket.
  var links: [String] = []
  /// The kernel's: `ftdi_sio`.
  var driver: String?
  var maker: String?
  var product: String?
  /// Of a USB adapter.
  var serial: String?
  /// The group whose members may open it; nil if no group may.
  var group: String?
  var isThere = true
  /// Whether this user may open it, as far as its mode tells.
  var mayOpen = false
  /// Programs that have it open.
  var users: [PortUser] = []
  /// The ids of the meters that the configuration has on it.
  var meters: [String] = []

  /// What to write as `source`.
  var source: String { links.first ?? device }
}

/// A program that has a port open.
struct PortUser: Equatable {
  var process: Int
  /// `meterbridge run`.
  var name: String
}

/// Where the system tells about its ports. Tests put folders of their own in their places.
struct SystemFolders {
  var devices = "/dev"
  var system = "/sys"
  var processes = "/proc"
}

extension SerialAdapter {
  /// The serial ports of this machine, without udev, in the order of their devices.
  static func all(in folders: SystemFolders = SystemFolders()) -> [SerialAdapter] {
    let classes = folders.system + "/class/tty"
    let links = byIdentifier(in: folders)
    var adapters: [SerialAdapter] = []
    for name in SerialTrouble.names(in: classes) {
      let device = "\(folders.devices)/\(name)"
      let tty = "\(classes)/\(name)"
      // Consoles and ptys have no hardware. Ports of the board that do not exist are of type 0.
      guard let hardware = canonical(tty + "/device"), line("\(tty)/type") != "0", exists(device) else { continue }
      var adapter = SerialAdapter(device: device)
      adapter.links = links[device] ?? []
      let top = canonical(folders.system) ?? folders.system
      adapter.driver = driver(of: hardware, upTo: top)
      adapter.describeUSB(above: hardware, upTo: top)
      adapters.append(adapter)
    }
    return adapters.sorted { natural($0.device) < natural($1.device) }
  }

  /// A port that the configuration or the command line names, which need not be an adapter.
  static func named(_ path: String) -> SerialAdapter {
    var adapter = SerialAdapter(device: path)
    adapter.isThere = exists(path)
    return adapter
  }

  /// The programs that have a port open, in words; nil if none can be seen.
  static func users(of path: String) -> String? {
    var port = SerialAdapter.named(path)
    port.inspect(PortUsage())
    return port.users.isEmpty
      ? nil : port.users.map { "\($0.name) (process \($0.process))" }.joined(separator: ", ")
  }

  /// Looks who may open it, and who has it open.
  mutating func inspect(_ usage: PortUsage) {
    var status = stat()
    guard unsafe stat(device, &status) == 0 else {
      isThere = false
      return
    }
    let groupMayUse = status.st_mode & (S_IRGRP | S_IWGRP) == S_IRGRP | S_IWGRP
    if groupMayUse { group = SerialTrouble.groupName(status.st_gid) }
    mayOpen = unsafe faccessat(AT_FDCWD, device, R_OK | W_OK, AT_EACCESS) == 0
    users = usage.users(of: status)
  }

  /// Takes what the USB device above an interface says of itself.
  private mutating func describeUSB(above hardware: String, upTo top: String) {
    for folder in Self.folders(from: hardware, upTo: top) where Self.line(folder + "/idVendor") != nil {
      maker = Self.line(folder + "/manufacturer")
      product = Self.line(folder + "/product")
      serial = Self.line(folder + "/serial")
      return
    }
  }

  /// The driver of a port. Newer kernels put two of their own (`port`, `ctrl`) between a port of the board and its driver.
  private static func driver(of hardware: String, upTo top: String) -> String? {
    folders(from: hardware, upTo: top).lazy.compactMap { canonical($0 + "/driver") }.map { lastComponent($0) }
      .first { !["port", "ctrl"].contains($0) }
  }

  /// A folder and those above it, below another one.
  private static func folders(from folder: String, upTo top: String) -> [String] {
    var folders: [String] = []
    var folder = folder
    while folder.count > top.count, folder.hasPrefix(top), let slash = folder.lastIndex(of: "/") {
      folders.append(folder)
      folder = String(folder[..<slash])
    }
    return folders
  }

  private static func byIdentifier(in folders: SystemFolders) -> [String: [String]] {
    let folder = folders.devices + "/serial/by-id"
    var links: [String: [String]] = [:]
    let devices = canonical(folders.devices) ?? folders.devices
    for name in SerialTrouble.names(in: folder) {
      guard let target = canonical("\(folder)/\(name)"), target.hasPrefix(devices) else { continue }
      links[folders.devices + target.dropFirst(devices.count), default: []].append("\(folder)/\(name)")
    }
    return links
  }

  // MARK: Files

  private static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

  /// The path without links; nil if it does not exist.
  static func canonical(_ path: String) -> String? {
    guard let found = unsafe realpath(path, nil) else { return nil }
    defer { unsafe free(found) }
    return unsafe String(cString: found)
  }

  /// The first line of a file, fit to be shown; nil if it is empty or cannot be read.
  private static func line(_ path: String) -> String? {
    guard let bytes = try? readFile(path, upTo: Limits.configuredFileBytes) else { return nil }
    let text = onOneLine(String(decoding: bytes.prefix { $0 != 0x0A }, as: UTF8.self).unicodeScalars)
    return text.isEmpty ? nil : text
  }

  private static func lastComponent(_ path: String) -> String {
    String(path[(path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex)...])
  }

  /// The name and the number behind it: `ttyUSB2` comes before `ttyUSB10`.
  private static func natural(_ device: String) -> (String, Int) {
    let digits = device.reversed().prefix { $0.isASCII && $0.isNumber }.count
    return (String(device.dropLast(digits)), Int(digits: String(device.suffix(digits))) ?? -1)
  }
}
