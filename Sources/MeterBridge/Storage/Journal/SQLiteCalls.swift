internal import Base
internal import CSQLite
internal import Glibc
internal import Platform

/// The calls by which SQLite reaches files by their names, led into an opened folder.
///
/// SQLite knows paths only, and another folder could be put in the place of one. So it gets a path of our own making,
/// `/<descriptor of the folder>/<name>`, and these calls take it apart. All other paths are those of the system.
enum SQLiteCalls {
  /// The path of a file of a folder. It is good while the folder is open.
  static func path(of name: String, in folder: Folder) -> String {
    _ = areInstalled
    return "/\(folder.descriptor)/\(name)"
  }

  /// Installed once, for all databases of the process. SQLite takes the calls by their names.
  private static let areInstalled: Bool = {
    guard let system = unsafe sqlite3_vfs_find("unix"), let set = unsafe system.pointee.xSetSystemCall else {
      return false
    }
    let calls: [(String, sqlite3_syscall_ptr)] = unsafe [
      ("open", unsafeBitCast(openFile as OpenCall, to: sqlite3_syscall_ptr.self)),
      ("stat", unsafeBitCast(statFile as StatCall, to: sqlite3_syscall_ptr.self)),
      ("lstat", unsafeBitCast(statLink as StatCall, to: sqlite3_syscall_ptr.self)),
      ("access", unsafeBitCast(accessFile as AccessCall, to: sqlite3_syscall_ptr.self)),
      ("unlink", unsafeBitCast(removeFile as RemoveCall, to: sqlite3_syscall_ptr.self)),
    ]
    return calls.allSatisfy { unsafe set(system, $0.0, $0.1) == SQLITE_OK }
  }()
}

private typealias OpenCall = @convention(c) (UnsafePointer<CChar>?, Int32, Int32) -> Int32
private typealias StatCall = @convention(c) (UnsafePointer<CChar>?, UnsafeMutablePointer<stat>?) -> Int32
private typealias AccessCall = @convention(c) (UnsafePointer<CChar>?, Int32) -> Int32
private typealias RemoveCall = @convention(c) (UnsafePointer<CChar>?) -> Int32

/// A path that SQLite asks for.
private struct Place {
  /// An opened folder, or `AT_FDCWD`.
  var folder = AT_FDCWD
  var name: String

  init(_ path: UnsafePointer<CChar>?) {
    name = unsafe path.map { unsafe String(cString: $0) } ?? ""
    let parts = name.split(separator: "/", maxSplits: 1)
    guard name.hasPrefix("/"), let first = parts.first, let folder = Int32(digits: String(first)) else { return }
    self.folder = folder
    // The folder itself, whose names SQLite syncs.
    name = parts.count == 2 ? String(parts[1]) : "."
  }

  var isOurs: Bool { folder != AT_FDCWD }
}

// Functions, not closures: a closure could be inferred main-actor isolated and trap on the library's call.

private func openFile(_ path: UnsafePointer<CChar>?, _ flags: Int32, _ mode: Int32) -> Int32 {
  let place = unsafe Place(path)
  guard place.isOurs, place.name != "." else {
    return unsafe openat(place.folder, place.name, flags | O_CLOEXEC, mode_t(mode))
  }
  do throws(Errno) {
    return try Folder.open(place.name, in: place.folder, flags)
  } catch {
    errno = error.number
    return -1
  }
}

private func statFile(_ path: UnsafePointer<CChar>?, _ status: UnsafeMutablePointer<stat>?) -> Int32 {
  let place = unsafe Place(path)
  guard let status = unsafe status else { return -1 }
  return unsafe fstatat(place.folder, place.name, status, place.isOurs ? AT_SYMLINK_NOFOLLOW : 0)
}

private func statLink(_ path: UnsafePointer<CChar>?, _ status: UnsafeMutablePointer<stat>?) -> Int32 {
  let place = unsafe Place(path)
  guard let status = unsafe status else { return -1 }
  return unsafe fstatat(place.folder, place.name, status, AT_SYMLINK_NOFOLLOW)
}

private func accessFile(_ path: UnsafePointer<CChar>?, _ mode: Int32) -> Int32 {
  let place = unsafe Place(path)
  return unsafe faccessat(place.folder, place.name, mode, 0)
}

private func removeFile(_ path: UnsafePointer<CChar>?) -> Int32 {
  let place = unsafe Place(path)
  return unsafe unlinkat(place.folder, place.name, 0)
}
