internal import Glibc

/// Where a command writes: results on one descriptor, messages on the other.
struct Console: Sendable {
  var output = STDOUT_FILENO
  var errors = STDERR_FILENO

  /// Writes results; false if the reader has gone.
  @discardableResult
  func write(_ text: String) -> Bool { Self.write(Array(text.utf8), to: output) }

  /// Writes a line of results, whole, however long it is.
  func writeLine(_ line: String) { write(line + "\n") }

  /// Writes a message line.
  func complain(_ line: String) { _ = Self.write(Array("\(line)\n".utf8), to: errors) }

  private static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }
}
