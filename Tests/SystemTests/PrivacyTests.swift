import Foundation
import Glibc
import Testing
import TestSupport

/// A command that waits for its input, and what others can see of it meanwhile.
@Test("no command leaves its keys to a core file or a debugger")
func privacy() throws {
  let folder = FileManager.default.temporaryDirectory.appending(path: "privacy-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  let input = folder.appending(path: "input").path
  try #require(unsafe mkfifo(input, 0o600) == 0)
  let child = try ChildProcess(RealProgram.path, ["decode", "--key", String(repeating: "0", count: 32), input])
  func limit() -> String? {
    let text = (try? String(contentsOfFile: "/proc/\(child.id)/limits", encoding: .utf8)) ?? ""
    return text.split(separator: "\n").first { $0.hasPrefix("Max core file size") }.map(String.init)
  }
  #expect(
    eventually { limit()?.dropFirst("Max core file size".count).split(separator: " ").prefix(2) == ["0", "0"] })
  child.end(SIGKILL)
}
