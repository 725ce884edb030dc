internal import Glibc

/// Why a system call failed.
package struct Errno: Error, Hashable, Sendable, CustomStringConvertible {
  /// The number of `errno`.
  package var number: Int32

  package init(_ number: Int32) { self.number = number }

  /// The error of the last failed call on this thread.
  package static var last: Errno { Errno(errno) }

  /// The words of the C library: `No space left on device`.
  package var description: String {
    var buffer = [CChar](repeating: 0, count: 128)
    guard unsafe strerror_r(number, &buffer, buffer.count) == 0 else { return "error \(number)" }
    return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
