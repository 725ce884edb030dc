internal import Glibc

/// Why a file could not be read, as the system says it.
struct FileProblem: Error, Equatable {
  var reason: String
  var isTooLarge = false
}

/// Reads a whole file.
///
/// - Parameters:
///   - path: a file, or a pipe that somebody writes to (`<(…)` of a shell).
///   - limit: bytes; more are an error.
/// - Returns: its bytes.
/// - Throws: the system's reason.
func readFile(_ path: String, upTo limit: Int) throws(FileProblem) -> [UInt8] {
  guard !path.utf8.contains(0) else { throw FileProblem(reason: "a path has no NUL") }
  // Non-blocking only for the opening: a pipe without a writer would never open.
  let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
  guard descriptor >= 0 else { throw FileProblem(errno) }
  defer { close(descriptor) }
  _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) & ~O_NONBLOCK)
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 64 * 1024)
  while true {
    let count = unsafe read(descriptor, &chunk, chunk.count)
    if count < 0 {
      if errno == EINTR { continue }
      throw FileProblem(errno)
    }
    if count == 0 { return bytes }
    bytes.append(contentsOf: chunk[..<count])
    guard bytes.count <= limit else { throw FileProblem(reason: "larger than \(limit) bytes", isTooLarge: true) }
  }
}

/// Whether a file could be read, without reading it; nil where it could.
func problemReading(_ path: String) -> FileProblem? {
  unsafe access(path, R_OK) == 0 ? nil : FileProblem(errno)
}

extension FileProblem {
  fileprivate init(_ code: Int32) {
    reason = unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
  }
}
