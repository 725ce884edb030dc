internal import Decoders
internal import Glibc
internal import Meters
internal import Platform

/// What people hand to `decode`: raw bytes, hexadecimal text, or the text of a P1 port.
enum DecodeInput {
  /// All bytes of a file, `-` for standard input.
  static func read(_ path: String) throws(Errno) -> [UInt8] {
    if path == "-" { return try readToEnd(of: STDIN_FILENO) }
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .last }
    defer { close(descriptor) }
    return try readToEnd(of: descriptor)
  }
}

/// What a command prints.
enum Output {
  /// A line on standard output, whole, however long it is.
  static func write(_ line: String) { Console().write(line + "\n") }

  /// A line on standard error.
  static func error(_ line: String) { Console().complain(line) }
}
