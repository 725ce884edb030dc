internal import Glibc

/// Reads a file to its end.
///
/// - Parameters:
///   - limit: Bytes; more are EFBIG.
///   - next: Reads the piece at an offset; an empty one is the end.
/// - Returns: All bytes.
/// - Throws: The system's reason.
func readToEnd(limit: Int, next: (_ offset: Int) throws(Errno) -> [UInt8]) throws(Errno) -> [UInt8] {
  var bytes: [UInt8] = []
  while true {
    let piece = try next(bytes.count)
    if piece.isEmpty { return bytes }
    bytes += piece
    if bytes.count > limit { throw Errno(EFBIG) }
  }
}

/// Reads the rest of an open file or pipe.
package func readToEnd(of descriptor: Int32, limit: Int = .max) throws(Errno) -> [UInt8] {
  var buffer = [UInt8](repeating: 0, count: 64 * 1024)
  return try readToEnd(limit: limit) { _ throws(Errno) in
    while true {
      let count = unsafe read(descriptor, &buffer, buffer.count)
      if count >= 0 { return Array(buffer[..<count]) }
      if errno != EINTR { throw .last }
    }
  }
}
