internal import Glibc

/// Why a system call failed.
struct Errno: Error, Hashable, Sendable, CustomStringConvertible {
  /// The number of `errno`.
  var number: Int32

  init(_ number: Int32) { self.number = number }

  /// As the C library says it: `No space left on device`.
  var description: String {
    guard let text = unsafe strerror(number) else { return "error \(number)" }
    return unsafe String(cString: text)
  }
}
