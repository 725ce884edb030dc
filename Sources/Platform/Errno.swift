internal import Glibc

/// Why a system call failed.
package struct Errno: Error, Hashable, Sendable, CustomStringConvertible {
  /// The number of `errno`.
  package var number: Int32
  /// Why the program refuses a file that the system would open; nil for a reason of the system.
  package private(set) var refusal: String?

  package init(_ number: Int32) { self.number = number }

  /// The program refuses a file or folder: what is wrong with it, and what to do.
  package static func refused(_ reason: String) -> Errno {
    var error = Errno(EPERM)
    error.refusal = reason
    return error
  }

  /// The error of the last failed call on this thread.
  package static var last: Errno { Errno(errno) }

  /// The reason of a refusal, else the words of the C library: `No space left on device`.
  package var description: String {
    if let refusal { return refusal }
    var buffer = [CChar](repeating: 0, count: 128)
    guard unsafe strerror_r(number, &buffer, buffer.count) == 0 else { return "error \(number)" }
    return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
