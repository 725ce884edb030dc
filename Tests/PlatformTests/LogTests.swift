import Testing

@testable import Base
@testable import Platform

struct LogTests {
  private func line(_ text: String, hasPriority: Bool = false) -> String {
    String(decoding: Log.line(.error, text, hasPriority: hasPriority), as: UTF8.self)
  }

  @Test("a line is its text, with its priority for journald")
  func textAndPriority() {
    #expect(line("grid: wärmer als 20 °C") == "grid: wärmer als 20 °C\n")
    #expect(line("grid", hasPriority: true) == "<3>grid\n")
  }

  @Test("control characters in a text do not make a line of their own")
  func controlCharacters() {
    #expect(
      line("number 1\n<0>all is lost\u{1B}[2J\u{9B}\r")
        == "number 1\u{FFFD}<0>all is lost\u{FFFD}[2J\u{FFFD}\u{FFFD}\n")
  }

  @Test("a line without end is cut")
  func longLine() {
    let bytes = Log.line(.error, String(repeating: "ä", count: 100_000), hasPriority: true)
    // What a pipe takes in one piece.
    #expect(bytes.count <= 4096 && bytes.count > 4000)
    #expect(String(decoding: bytes, as: UTF8.self).hasSuffix("ä…\n"))
  }
}
