internal import Base
internal import CLinux
internal import Glibc
internal import Platform

/// Which programs have which ports open, as far as this user may see it.
///
/// `/proc/PID/fd` shows what a program has open, mostly to its own user and root. The daemon and others that keep secrets are
/// closed to all but root. But the daemon locks its ports, and everyone can read `/proc/locks`.
struct PortUsage {
  private struct Node: Hashable {
    var device: UInt64
    var inode: UInt64
  }

  private let processes: String
  /// Programs by the terminal that they have open.
  private var byTerminal: [dev_t: Set<Int>] = [:]
  /// Programs by the file that they have locked.
  private var byLock: [Node: Set<Int>] = [:]

  /// Looks at all programs but this one.
  init(in folders: SystemFolders = SystemFolders()) {
    processes = folders.processes
    let own = Int(getpid())
    for name in SerialTrouble.names(in: processes) {
      guard let process = Int(digits: name), process != own else { continue }
      for terminal in terminals(of: process) { byTerminal[terminal, default: []].insert(process) }
    }
    let locks = (try? readFile(processes + "/locks", upTo: Limits.configurationBytes)) ?? []
    for line in String(decoding: locks, as: UTF8.self).split(separator: "\n") {
      guard let (node, process) = Self.lock(line), process != own else { continue }
      byLock[node, default: []].insert(process)
    }
  }

  /// Programs that have a device open or locked.
  ///
  /// - Parameter device: what `stat` tells of it.
  /// - Returns: the programs, in the order of their numbers.
  func users(of device: stat) -> [PortUser] {
    guard device.st_mode & S_IFMT == S_IFCHR else { return [] }
    let node = Node(device: UInt64(device.st_dev), inode: UInt64(device.st_ino))
    let found = byTerminal[device.st_rdev, default: []].union(byLock[node, default: []])
    return found.sorted().map { PortUser(process: $0, name: name(of: $0)) }
  }

  /// The terminals that a program has open, except those that stand for a person's window.
  private func terminals(of process: Int) -> [dev_t] {
    let folder = "\(processes)/\(process)/fd"
    return SerialTrouble.names(in: folder).compactMap { name in
      var target = [CChar](repeating: 0, count: 256)
      let count = unsafe readlink("\(folder)/\(name)", &target, target.count)
      let path = String(decoding: target.prefix(max(0, count)).map(UInt8.init(bitPattern:)), as: UTF8.self)
      // Nothing but devices is touched: a file on a dead network would block.
      var status = stat()
      guard path.hasPrefix("/dev/"), unsafe stat("\(folder)/\(name)", &status) == 0, status.st_mode & S_IFMT == S_IFCHR
      else { return nil }
      return status.st_rdev
    }
  }

  /// Reads `1: FLOCK  ADVISORY  WRITE 812 00:05:567 0 EOF` (proc(5)).
  private static func lock(_ line: Substring) -> (Node, Int)? {
    let words = line.split(separator: " ")
    guard words.count >= 6, words[1] == "FLOCK", let process = Int(digits: String(words[4])) else { return nil }
    let place = words[5].split(separator: ":")
    guard place.count == 3, let major = UInt32(place[0], radix: 16), let minor = UInt32(place[1], radix: 16),
      let inode = UInt64(place[2])
    else { return nil }
    return (Node(device: UInt64(gnu_dev_makedev(major, minor)), inode: inode), process)
  }

  /// The program's name, for ours with its command. Other words of a command line may be secret.
  private func name(of process: Int) -> String {
    let words = ((try? readFile("\(processes)/\(process)/comm", upTo: 256)) ?? []).prefix { $0 != 0x0A }
    let name = onOneLine(String(decoding: words, as: UTF8.self).unicodeScalars)
    guard name == "meterbridge" else { return name.isEmpty ? "process" : name }
    let line = (try? readFile("\(processes)/\(process)/cmdline", upTo: Limits.configurationBytes)) ?? []
    let command = line.split(separator: 0, omittingEmptySubsequences: false).dropFirst().first ?? []
    let written = String(decoding: command, as: UTF8.self)
    return Program.commands.contains { $0.name == written } ? "\(name) \(written)" : name
  }
}
