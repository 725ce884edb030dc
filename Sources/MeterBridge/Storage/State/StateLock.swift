internal import Glibc
internal import Platform

/// Reserves the state directory for one daemon: two would overwrite each other's state.
///
/// The kernel holds the lock on an open file, so it ends with the process in any case.
struct StateLock {
  /// Another daemon has it.
  struct Taken: Error {}

  private let file: Int32?
  private let files: any FileSystem
  /// Why the system refused a lock. Then the directory is used without one.
  let trouble: String?

  static let name = "lock"

  init(in files: any FileSystem) throws(Taken) {
    self.files = files
    var opened: Int32?
    do throws(Errno) {
      let descriptor = try Self.open(files)
      opened = descriptor
      try files.lock(descriptor)
      file = descriptor
      trouble = nil
    } catch {
      if let opened { files.close(opened) }
      if error.number == EWOULDBLOCK { throw Taken() }
      file = nil
      trouble = "\(files.path(of: Self.name)): \(error); nothing keeps a second meterbridge from using this folder too"
    }
  }

  /// The lock for a command that no daemon may run beside.
  ///
  /// - Parameter directory: the state directory.
  /// - Returns: nil if no daemon has left a lock there, or if this user cannot look into it. A command must not make the
  ///   file: a service of another user could not open it.
  /// - Throws: a daemon has it.
  static func beside(_ directory: String?) throws(Taken) -> StateLock? {
    guard let folder = directory.flatMap({ try? Folder(visiting: $0) }), let file = try? folder.open(name, O_RDONLY)
    else { return nil }
    folder.close(file)
    return try StateLock(in: folder)
  }

  /// Whether a daemon has the lock. It never makes the file: one of another user would keep the daemon out.
  static func isTaken(in files: any FileSystem) -> Bool {
    guard let file = try? files.open(name, O_RDONLY) else { return false }
    defer { files.close(file) }
    do throws(Errno) { try files.lock(file) } catch { return error.number == EWOULDBLOCK }
    files.unlock(file)
    return false
  }

  /// On a full or read-only disk the file of an earlier run does as well.
  private static func open(_ files: any FileSystem) throws(Errno) -> Int32 {
    do throws(Errno) {
      return try files.open(name, O_RDONLY | O_CREAT)
    } catch {
      guard let old = try? files.open(name, O_RDONLY) else { throw error }
      return old
    }
  }

  /// Lets another daemon in.
  func release() {
    if let file {
      files.unlock(file)
      files.close(file)
    }
  }
}
