import Glibc
import Testing
import TestSupport

@testable import Base
@testable import Platform

struct LogStyleTests {
  /// A file, as `2>log` has it, and what systemd would call it.
  private func withFile(_ body: (_ descriptor: Int32, _ name: String) -> Void) throws {
    let folder = try TemporaryFolder()
    let descriptor = unsafe open("\(folder.path)/log", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    defer { close(descriptor) }
    var file = stat()
    try #require(unsafe fstat(descriptor, &file) == 0)
    body(descriptor, "\(file.st_dev):\(file.st_ino)")
  }

  @Test("the journal is the stream that JOURNAL_STREAM names, and no other")
  func journal() throws {
    try withFile { descriptor, name in
      #expect(LogStyle(of: descriptor, ["JOURNAL_STREAM": name]) == .journal)
      // The log of a program that a service has started, with its standard error in a file.
      for other in ["\(name)1", "1:1", "", name + ":"] {
        #expect(LogStyle(of: descriptor, ["JOURNAL_STREAM": other]) == .plain)
      }
      #expect(LogStyle(of: descriptor, [:]) == .plain)
      #expect(LogStyle(of: -1, ["JOURNAL_STREAM": name]) == .plain)
    }
  }

  @Test("only a terminal has colours, unless NO_COLOR or TERM forbid them")
  func terminal() throws {
    var (terminal, other): (Int32, Int32) = (-1, -1)
    try #require(unsafe openpty(&other, &terminal, nil, nil, nil) == 0)
    defer { for end in [terminal, other] { close(end) } }
    #expect(LogStyle(of: terminal, ["TERM": "xterm"]) == .colour)
    #expect(LogStyle(of: terminal, ["NO_COLOR": ""]) == .colour)
    #expect(LogStyle(of: terminal, ["NO_COLOR": "1"]) == .plain)
    #expect(LogStyle(of: terminal, ["TERM": "dumb"]) == .plain)
  }
}
