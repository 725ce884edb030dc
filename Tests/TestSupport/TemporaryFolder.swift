import Foundation
import Glibc
package import Platform

/// A folder of its own for one test, gone with it.
package final class TemporaryFolder {
  package let path: String
  /// The folder as the program opens it.
  package let files: Folder

  package init() throws {
    path = FileManager.default.temporaryDirectory.appending(path: "meterbridge-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    files = try Folder(visiting: path)
  }

  package func path(_ name: String) -> String { "\(path)/\(name)" }

  package func bytes(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(filePath: path(name)))) }

  package func text(_ name: String) throws -> String { String(decoding: try bytes(name), as: UTF8.self) }

  package func write(_ text: String, to name: String) throws { try write(Array(text.utf8), to: name) }

  package func write(_ bytes: [UInt8], to name: String) throws {
    try Data(bytes).write(to: URL(filePath: path(name)))
    // What tests write may be a secret.
    unsafe chmod(path(name), 0o600)
  }

  /// Makes a symbolic link, in place of an older one; its path.
  package func link(_ name: String, to target: String) -> String {
    _ = unsafe unlink(path(name))
    _ = unsafe symlink(target, path(name))
    return path(name)
  }

  package func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }

  package func mode(_ name: String = "") throws -> Int {
    let attributes = try FileManager.default.attributesOfItem(atPath: name.isEmpty ? path : path(name))
    guard let mode = attributes[.posixPermissions] as? Int else { throw Failure(what: "the mode of \(name)") }
    return mode
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}
