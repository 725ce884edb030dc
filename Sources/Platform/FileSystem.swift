internal import Glibc

/// The files of one folder, by their names. Tests put an implementation in between that fails at chosen calls.
///
/// It repeats calls that a signal interrupts, so that callers never see EINTR.
package protocol FileSystem: Sendable {
  /// The path of the folder, for messages.
  var path: String { get }
  /// The open folder itself, to lock it or to sync the names in it.
  var descriptor: Int32 { get }
  /// Opens a file, close-on-exec. Only the owner can access it.
  ///
  /// - Throws: the system's reason, or a refusal: the name is a link, or not that of a regular file.
  func open(_ name: String, _ flags: Int32) throws(Errno) -> Int32
  func close(_ file: Int32)
  /// One call; returns the number of written bytes, which may be fewer than given.
  func write(_ bytes: ArraySlice<UInt8>, to file: Int32) throws(Errno) -> Int
  /// One call: at most `count` bytes from an offset; empty at the end.
  func read(_ count: Int, at offset: Int64, from file: Int32) throws(Errno) -> [UInt8]
  func status(of file: Int32) throws(Errno) -> FileStatus
  func truncate(_ file: Int32, to size: Int64) throws(Errno)
  /// Waits until the content, or the names of the folder, would survive a power cut.
  func sync(_ file: Int32) throws(Errno)
  func rename(_ name: String, to newName: String) throws(Errno)
  func remove(_ name: String) throws(Errno)
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

extension FileSystem {
  /// The path of a file, for messages.
  package func path(of name: String) -> String { path + "/" + name }

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
  package func contents(of name: String, limit: Int) throws(Errno) -> [UInt8]? {
    let file: Int32
    do throws(Errno) {
      file = try open(name, O_RDONLY)
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
  package func replace(_ name: String, with bytes: [UInt8]) throws(Errno) {
    let temporary = name + ".new"
    try removeIfThere(temporary)
    do throws(Errno) {
      // A file of its own: what another run has left is not written to.
      let file = try open(temporary, O_WRONLY | O_CREAT | O_EXCL)
      defer { close(file) }
      try writeAll(bytes, to: file)
      try sync(file)
      try rename(temporary, to: name)
    } catch {
      try? remove(temporary)
      throw error
    }
    try syncNames()
  }

  /// Removes a file; its absence is not an error.
  package func removeIfThere(_ name: String) throws(Errno) {
    do throws(Errno) { try remove(name) } catch { if error.number != ENOENT { throw error } }
  }

  /// Waits until the names in the folder would survive a power cut.
  private func syncNames() throws(Errno) {
    do throws(Errno) {
      try sync(descriptor)
    } catch {
      // Some file systems need no sync of directories and report EINVAL.
      if error.number != EINVAL { throw error }
    }
  }
}
