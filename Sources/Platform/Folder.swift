internal import Glibc

/// A folder that stays open: its files are reached through its descriptor, whatever happens to its path.
///
/// Other users must not be able to write to it. Even so no name in it leads elsewhere: links, pipes, devices and files of
/// strangers are refused with a sentence for the user. No call waits for a reader or writer.
package final class Folder: FileSystem {
  package let path: String
  package let descriptor: Int32
  private let isVisited: Bool

  /// Opens the folder of this program, and makes it if it is missing.
  ///
  /// - Throws: the system's reason. A refusal if it belongs to another user than this one and root, or if others can
  ///   write to it.
  package init(making path: String) throws(Errno) {
    try makeDirectories(path)
    descriptor = try openDirectory(path, isVisited: false)
    self.path = path
    isVisited = false
  }

  /// Opens the folder of a daemon for a command. Root may look into the folder of a service's user.
  ///
  /// - Throws: as `init(making:)`; ENOENT if it does not exist.
  package init(visiting path: String) throws(Errno) {
    descriptor = try openDirectory(path, isVisited: true)
    self.path = path
    isVisited = true
  }

  deinit { Glibc.close(descriptor) }

  package func open(_ name: String, _ flags: Int32) throws(Errno) -> Int32 {
    do throws(Errno) {
      return try Self.open(name, in: descriptor, flags)
    } catch {
      // The user has removed the whole folder.
      guard error.number == ENOENT, flags & O_CREAT != 0, !isVisited else { throw error }
      try comeBack()
      return try Self.open(name, in: descriptor, flags)
    }
  }

  /// Opens a file of an open folder: a regular one with one name, that belongs to this user, root or the folder's owner.
  ///
  /// SQLite opens its files through this call too.
  package static func open(_ name: String, in folder: Int32, _ flags: Int32) throws(Errno) -> Int32 {
    guard !name.utf8.contains(UInt8(ascii: "/")) else { throw Errno(EINVAL) }
    let file: Int32
    do throws(Errno) {
      file = try checked {
        unsafe openat(folder, name, flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0o600)
      }
    } catch {
      switch error.number {
      case ELOOP: throw .refused("it is a symbolic link, which is not followed; put the file itself there")
      // A pipe without a reader, or a socket.
      case ENXIO: throw .irregular
      default: throw error
      }
    }
    do throws(Errno) {
      try refuseStrange(file, in: folder)
      return file
    } catch {
      Glibc.close(file)
      throw error
    }
  }

  private static func refuseStrange(_ file: Int32, in folder: Int32) throws(Errno) {
    var status = stat()
    _ = try checked { unsafe fstat(file, &status) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw .irregular }
    guard status.st_nlink <= 1 else {
      throw .refused("it has another name too (a hard link); remove that one, or put a copy here")
    }
    if status.st_uid != geteuid(), status.st_uid != 0 {
      var owner = stat()
      _ = try checked { unsafe fstat(folder, &owner) }
      guard status.st_uid == owner.st_uid else {
        throw .refused("it belongs to another user (\(status.st_uid)); move it away")
      }
    }
    // A file system without modes refuses this, and cannot be helped.
    if status.st_mode & 0o077 != 0 { _ = fchmod(file, 0o600) }
  }

  /// Makes a folder that has been removed again, under the same descriptor. One that is there stays the opened one.
  private func comeBack() throws(Errno) {
    try makeDirectories(path)
    let made = try openDirectory(path, isVisited: isVisited)
    defer { Glibc.close(made) }
    _ = try checked { dup2(made, descriptor) }
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
  }
}

// MARK: - Calls that need no more than the kernel

extension Folder {
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

  package func rename(_ name: String, to newName: String) throws(Errno) {
    _ = try checked { unsafe renameat(descriptor, name, descriptor, newName) }
  }

  package func remove(_ name: String) throws(Errno) {
    _ = try checked { unsafe unlinkat(descriptor, name, 0) }
  }

  package func lock(_ file: Int32) throws(Errno) {
    _ = try checked { flock(file, LOCK_EX | LOCK_NB) }
  }

  package func unlock(_ file: Int32) {
    _ = flock(file, LOCK_UN)
  }
}

extension Errno {
  fileprivate static var irregular: Errno { .refused("it is not a regular file; move it away") }
}

/// Makes a directory and the missing ones above it, for this user alone.
private func makeDirectories(_ path: String) throws(Errno) {
  do throws(Errno) {
    _ = try checked { unsafe mkdir(path, 0o700) }
  } catch {
    if error.number == EEXIST { return }
    guard error.number == ENOENT, let slash = path.lastIndex(of: "/"), slash > path.startIndex else { throw error }
    try makeDirectories(String(path[..<slash]))
    _ = try checked { unsafe mkdir(path, 0o700) }
  }
}

/// Opens a directory that other users cannot write to. A link to it is followed: it may be on another disk.
private func openDirectory(_ path: String, isVisited: Bool) throws(Errno) -> Int32 {
  let directory = try checked { unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
  do throws(Errno) {
    var status = stat()
    _ = try checked { unsafe fstat(directory, &status) }
    guard isVisited || [0, geteuid()].contains(status.st_uid) else {
      let advice = "`chown \(geteuid()) \(path)`, or use another folder"
      throw .refused("it belongs to another user (\(status.st_uid)): \(advice)")
    }
    guard status.st_mode & (S_IWGRP | S_IWOTH) == 0 else {
      throw .refused("other users can write to it: `chmod go-w \(path)`")
    }
    return directory
  } catch {
    close(directory)
    throw error
  }
}

private func checked<Result: SignedInteger>(_ call: () -> Result) throws(Errno) -> Result {
  while true {
    let result = call()
    if result >= 0 { return result }
    let number = errno
    if number != EINTR { throw Errno(number) }
  }
}
