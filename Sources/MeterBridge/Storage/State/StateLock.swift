internal import Glibc
internal import Platform

/// Keeps the state directory for one daemon: two would write over each other's state.
///
/// The lock is the kernel's, on an open file, so it is gone with the process however that ends.
struct StateLock {
  /// Another daemon has it.
  struct Taken: Error {}

  private let file: Int32?
  private let files: any FileSystem
  /// Why the directory could not be locked, where it was not for another daemon: then it is used without.
  let trouble: String?

  init(directory: String, files: any FileSystem = LinuxFileSystem()) throws(Taken) {
    self.files = files
    let path = directory + "/lock"
    var opened: Int32?
    do throws(Errno) {
      let descriptor = try Self.open(path, files)
      opened = descriptor
      try files.lock(descriptor)
      file = descriptor
      trouble = nil
    } catch {
      if let opened { files.close(opened) }
      if error.number == EWOULDBLOCK { throw Taken() }
      file = nil
      trouble = "\(path): \(error); nothing keeps a second meterbridge from using this folder too"
    }
  }

  /// On a full or read-only disk the file of an earlier run does as well.
  private static func open(_ path: String, _ files: any FileSystem) throws(Errno) -> Int32 {
    do throws(Errno) {
      return try files.open(path, O_RDONLY | O_CREAT)
    } catch {
      guard let old = try? files.open(path, O_RDONLY) else { throw error }
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
