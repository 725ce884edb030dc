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

  @Test("marks of text direction do not turn a line around")
  func directionMarks() {
    let marks: [Unicode.Scalar] =
      ["\u{61C}", "\u{200E}", "\u{200F}"] + (0x202A...0x202E).compactMap { Unicode.Scalar($0 as UInt32) }
      + (0x2066...0x2069).compactMap { Unicode.Scalar($0 as UInt32) } + ["\u{2028}", "\u{2029}"]
    for mark in marks { #expect(line("a\(mark)b") == "a\u{FFFD}b\n") }
    // What joins letters of other scripts is text.
    #expect(line("نمی\u{200C}خواهم, שלום") == "نمی\u{200C}خواهم, שלום\n")
  }
}
