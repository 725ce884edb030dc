internal import Glibc

/// Why the program cannot read a file, in the words of the system.
package struct FileProblem: Error, Equatable {
  package var reason: String
  package var isTooLarge = false
  package var isMissing = false

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
  guard !path.utf8.contains(0) else { throw FileProblem(reason: "a path cannot contain a NUL character") }
  // Non-blocking only while it opens: a pipe without a writer would block for ever.
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

/// Checks that the program may read a file, without reading it; nil if it may.
package func problemReading(_ path: String) -> FileProblem? {
  unsafe access(path, R_OK) == 0 ? nil : FileProblem(.last)
}

/// The entries of a folder, sorted, without hidden ones.
///
/// - Throws: The system's reason.
package func namesOfFiles(in folder: String) throws(FileProblem) -> [String] {
  guard let directory = unsafe opendir(folder) else { throw FileProblem(.last) }
  defer { unsafe closedir(directory) }
  var names: [String] = []
  while let entry = unsafe readdir(directory) {
    let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) { bytes in
      unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
    if !name.hasPrefix(".") { names.append(name) }
  }
  return names.sorted()
}

extension FileProblem {
  fileprivate init(_ error: Errno) {
    reason = error.description
    isMissing = error.number == ENOENT
  }
}
