internal import Glibc
internal import Platform

/// Opens what `file:` and `-` name.
///
/// A regular file is read once, from its beginning to its end. A named pipe is a line like a serial port: its writers may
/// come and go.
enum InputFile {
  static func open(_ path: String) throws(SourceError) -> Descriptor {
    let raw = unsafe Glibc.open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
    guard raw >= 0 else { throw trouble(path, errno) }
    let descriptor = Descriptor(raw)
    var status = stat()
    guard unsafe fstat(raw, &status) == 0 else { throw trouble(path, errno) }
    switch status.st_mode & S_IFMT {
    case S_IFDIR: throw trouble(path, EISDIR)
    case S_IFCHR where isatty(raw) == 1:
      throw SourceError("\(path) is a serial port; write the path without file:")
    case S_IFIFO:
      // Opened for writing as well, a pipe does not end when its last writer goes.
      let pipe = unsafe Glibc.open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC)
      guard pipe >= 0 else { throw trouble(path, errno) }
      return Descriptor(pipe)
    default: return descriptor
    }
  }

  /// A descriptor of our own for standard input. It is not made non-blocking: that would change it for the shell and all
  /// others that share it, and `poll` says when it is readable.
  static func standardInput() throws(SourceError) -> Descriptor {
    let raw = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
    guard raw >= 0 else { throw SourceError("standard input is closed") }
    return Descriptor(raw)
  }

  private static func trouble(_ path: String, _ code: Int32) -> SourceError {
    switch code {
    case ENOENT, ENOTDIR: SourceError("there is no file \(path)")
    case EACCES, EPERM: SourceError("no permission to read \(path)")
    case EISDIR: SourceError("\(path) is a folder, not a file")
    default: SourceError("cannot read \(path): \(Errno(code))")
    }
  }
}
