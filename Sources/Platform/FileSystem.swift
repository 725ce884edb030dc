internal import Glibc

/// The system calls of everything on disk. Tests put an implementation in between that fails at chosen calls.
///
/// It repeats calls that a signal interrupts, so that callers never see EINTR.
package protocol FileSystem: Sendable {
  /// Opens a file, close-on-exec. Only the owner can access a file that it creates.
  func open(_ path: String, _ flags: Int32) throws(Errno) -> Int32
  func close(_ file: Int32)
  /// One call; returns the number of written bytes, which may be fewer than given.
  func write(_ bytes: ArraySlice<UInt8>, to file: Int32) throws(Errno) -> Int
  /// One call: at most `count` bytes from an offset; empty at the end.
  func read(_ count: Int, at offset: Int64, from file: Int32) throws(Errno) -> [UInt8]
  func status(of file: Int32) throws(Errno) -> FileStatus
  func truncate(_ file: Int32, to size: Int64) throws(Errno)
  /// Waits until the content, or the names of a directory, would survive a power cut.
  func sync(_ file: Int32) throws(Errno)
  func rename(_ path: String, to newPath: String) throws(Errno)
  func remove(_ path: String) throws(Errno)
  /// Makes one directory that only the owner can access.
  func makeDirectory(_ path: String) throws(Errno)
  /// Locks the file against other processes without waiting; EWOULDBLOCK if another process has the lock.
  func lock(_ file: Int32) throws(Errno)
  /// Gives the lock back, even if a child of this process shares the descriptor.
  func unlock(_ file: Int32)
}

package struct FileStatus: Hashable, Sendable {
  package var size: Int64
  /// With `inode` the same for two descriptors of one file, even after a rename.
  package var device: UInt
  package var inode: UInt
}

/// The calls of the kernel.
package struct LinuxFileSystem: FileSystem {
  package init() {}

  package func open(_ path: String, _ flags: Int32) throws(Errno) -> Int32 {
    try checked { unsafe Glibc.open(path, flags | O_CLOEXEC, 0o600) }
  }

  package func close(_ file: Int32) {
    // Never twice: on Linux the descriptor is gone even if a signal interrupts the call.
    _ = Glibc.close(file)
  }

  package func write(_ bytes: ArraySlice<UInt8>, to file: Int32) throws(Errno) -> Int {
    try checked {
      unsafe bytes.withUnsafeBytes { unsafe Glibc.write(file, $0.baseAddress, $0.count) }
    }
  }

  package func read(_ count: Int, at offset: Int64, from file: Int32) throws(Errno) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let found = try checked {
      unsafe bytes.withUnsafeMutableBytes { unsafe Glibc.pread(file, $0.baseAddress, $0.count, Int(offset)) }
    }
    bytes.removeLast(count - found)
    return bytes
  }

  package func status(of file: Int32) throws(Errno) -> FileStatus {
    var status = stat()
    _ = try checked { unsafe fstat(file, &status) }
    return FileStatus(size: Int64(status.st_size), device: status.st_dev, inode: status.st_ino)
  }

  package func truncate(_ file: Int32, to size: Int64) throws(Errno) {
    _ = try checked { ftruncate(file, Int(size)) }
  }

  package func sync(_ file: Int32) throws(Errno) {
    _ = try checked { fsync(file) }
  }

  package func rename(_ path: String, to newPath: String) throws(Errno) {
    _ = try checked { unsafe Glibc.rename(path, newPath) }
  }

  package func remove(_ path: String) throws(Errno) {
    _ = try checked { unsafe unlink(path) }
  }

  package func makeDirectory(_ path: String) throws(Errno) {
    _ = try checked { unsafe mkdir(path, 0o700) }
  }

  package func lock(_ file: Int32) throws(Errno) {
    _ = try checked { flock(file, LOCK_EX | LOCK_NB) }
  }

  package func unlock(_ file: Int32) {
    _ = flock(file, LOCK_UN)
  }

  private func checked<Result: SignedInteger>(_ call: () -> Result) throws(Errno) -> Result {
    while true {
      let result = call()
      if result >= 0 { return result }
      let number = errno
      if number != EINTR { throw Errno(number) }
    }
  }
}

extension FileSystem {
  /// Makes a directory and the missing ones above it.
  package func makeDirectories(_ path: String) throws(Errno) {
    do throws(Errno) {
      try makeDirectory(path)
    } catch {
      if error.number == EEXIST { return }
      guard error.number == ENOENT, let slash = path.lastIndex(of: "/"), slash > path.startIndex else { throw error }
      try makeDirectories(String(path[..<slash]))
      try makeDirectory(path)
    }
  }

  /// Writes all bytes, in as many calls as the kernel needs.
  package func writeAll(_ bytes: [UInt8], to file: Int32) throws(Errno) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = try write(rest, to: file)
      // Without this check a call that writes nothing and reports no error would repeat for ever.
      guard count > 0 else { throw Errno(EIO) }
      rest = rest.dropFirst(count)
    }
  }

  /// The bytes of a file; nil if it does not exist, EFBIG if it has more than `limit`.
  package func contents(of path: String, limit: Int) throws(Errno) -> [UInt8]? {
    let file: Int32
    do throws(Errno) {
      file = try open(path, O_RDONLY)
    } catch {
      if error.number == ENOENT { return nil }
      throw error
    }
    defer { close(file) }
    guard try status(of: file).size <= Int64(limit) else { throw Errno(EFBIG) }
    return try readToEnd(limit: limit) { offset throws(Errno) in
      try read(64 * 1024, at: Int64(offset), from: file)
    }
  }

  /// Replaces a file as a whole: a reader finds the old one or the new one, even after a power cut.
  package func replace(_ path: String, with bytes: [UInt8]) throws(Errno) {
    let temporary = path + ".new"
    do throws(Errno) {
      let file = try open(temporary, O_WRONLY | O_CREAT | O_TRUNC)
      defer { close(file) }
      try writeAll(bytes, to: file)
      try sync(file)
      try rename(temporary, to: path)
    } catch {
      try? remove(temporary)
      throw error
    }
    try syncDirectory(of: path)
  }

  /// Waits until the names in a file's directory would survive a power cut.
  private func syncDirectory(of path: String) throws(Errno) {
    let slash = path.lastIndex(of: "/") ?? path.startIndex
    let directory = try open(slash > path.startIndex ? String(path[..<slash]) : ".", O_RDONLY | O_DIRECTORY)
    defer { close(directory) }
    do throws(Errno) {
      try sync(directory)
    } catch {
      // Some file systems need no sync of directories and report EINVAL.
      if error.number != EINVAL { throw error }
    }
  }
}
