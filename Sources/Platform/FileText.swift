internal import Glibc

/// Why a file could not be read, as the system says it.
package struct FileProblem: Error, Equatable {
  package var reason: String
  package var isTooLarge = false

  package init(reason: String, isTooLarge: Bool = false) {
    self.reason = reason
    self.isTooLarge = isTooLarge
  }
}

/// Reads a whole file.
///
/// - Parameters:
///   - path: A file, or a pipe with a writer (`<(…)` of a shell).
///   - limit: Bytes; more are an error.
/// - Returns: Its bytes.
/// - Throws: The system's reason.
package func readFile(_ path: String, upTo limit: Int) throws(FileProblem) -> [UInt8] {
  guard !path.utf8.contains(0) else { throw FileProblem(reason: "a path has no NUL") }
  // Non-blocking only for the opening: a pipe without a writer would never open.
  let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
  guard descriptor >= 0 else { throw FileProblem(.last) }
  defer { close(descriptor) }
  _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) & ~O_NONBLOCK)
  do throws(Errno) {
    return try readToEnd(of: descriptor, limit: limit)
  } catch {
    guard error.number == EFBIG else { throw FileProblem(error) }
    throw FileProblem(reason: "larger than \(limit) bytes", isTooLarge: true)
  }
}

/// Whether a file could be read, without reading it; nil where it could.
package func problemReading(_ path: String) -> FileProblem? {
  unsafe access(path, R_OK) == 0 ? nil : FileProblem(.last)
}

extension FileProblem {
  fileprivate init(_ error: Errno) { reason = error.description }
}
