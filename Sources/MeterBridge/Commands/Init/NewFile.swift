internal import Glibc
internal import Platform

/// Writes files that do not exist yet.
enum NewFile {
  /// Makes a file; one that is there already is never touched.
  ///
  /// - Parameters:
  ///   - text: all of it.
  ///   - path: the new file's.
  ///   - mode: who may read it, whatever the umask.
  /// - Throws: the system's reason; EEXIST for a file that is there.
  static func write(_ text: String, to path: String, mode: mode_t) throws(Errno) {
    let file = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode)
    guard file >= 0 else { throw .last }
    defer { close(file) }
    guard fchmod(file, mode) == 0, Console(output: file).write(text), fsync(file) == 0 else {
      let error = Errno.last
      unsafe unlink(path)
      throw error
    }
  }

  /// Makes a folder for this user alone; one that is there stays.
  static func makeFolder(_ path: String) throws(Errno) {
    guard unsafe mkdir(path, 0o700) == 0 || errno == EEXIST else { throw .last }
  }
}
