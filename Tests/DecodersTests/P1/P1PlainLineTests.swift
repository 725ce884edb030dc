import Testing

@testable import Decoders

private let lists = [
  "0-0:98.1.0(2)(1-0:1.6.0)(1-0:1.6.0)(260801000000S)(260707001500S)(04.884*kW)(632525252525W)(632525252525W)(0*kW)",
  "1-0:99.97.0(2)(0-0:96.7.19)(260101120000W)(0000000240*s)(260102120000W)(0000000301*s)", "1-0:99.97.0()",
  "0-0:98.1.0(12)", "0-1:98.1.0(1)(2*kW)", "0-0:98.1.0(1(2))", "0-0:98.1.0(1)x", "0-0:98.1.0(1)(2", "0-0:98.1.0 (1)",
  "0-0:98.1.0(a b)(c!d)", "1-0:99.97.0(1)(2) ", "1-0:99.1.0(7)",
]

private let others = [
  "0-0:96.1.1(3153414733313030303132333435)", "0-0:96.1.1(12*kW)", "0-0:96.1.1(a b)", "0-0:96.1.1((1)",
  "1-0:96.1.0(7)",
  "0-1:24.1.0(003)", "0-1:96.1.0(4730303339303031393336393930363139)", "0-1:24.2.1(261120140000W)(00872.234*m3)",
  "7-0:3.1.0(00012.345*m3)", "7-0:96.1.0(4711)", "2-0:1.7.0(5*kW)", "0-0:1.0.0(261120140346W)", "(2*kWh)",
]

/// The short ways for usual lines make what the way of all lines makes. Two line ends behind each line, and nothing near
/// enough to the end of the telegram, show the two: a short way takes no line with two line ends.
@Suite struct P1PlainLineTests {
  /// What becomes of lines: all but the places of issues.
  private struct Outcome: Equatable {
    let readings: [Reading]
    let issues: [[Int]]
  }

  private func outcome(_ lines: [String], lineEnd: String) throws -> Outcome {
    // The last line is never read on a short way.
    let text = "/XYZ5\\METER\r\n\r\n" + (lines + ["0-0:96.3.10(1)"]).map { $0 + lineEnd }.joined() + "!"
    var telegrams: [Telegram] = []
    var decoder = P1Decoder()
    let bytes = Array(text.utf8)
    try decoder.decode(bytes.span, into: &telegrams)
    let telegram = try #require(telegrams.first)
    return Outcome(
      readings: telegram.readings,
      issues: telegram.issues.map { [Int($0.code.rawValue), Int($0.expected), Int($0.found)] })
  }

  private func verify(_ lines: [String]) throws {
    let short = try outcome(lines, lineEnd: "\r\n")
    #expect(try short == outcome(lines, lineEnd: "\r\n\r\n"), "\(lines)")
    #expect(try short == outcome(lines, lineEnd: "\n"), "\(lines)")
  }

  @Test("a usual value is the same on the short way") func values() throws {
    for code in [
      "1-0:1.8.0", "1-1:2.8.2", "1-0:21.7.0", "1-0:72.7.0", "1-0:14.7.0", "1-0:13.7.0", "0-0:96.7.21",
      "0-0:96.7.9", "0-0:96.7.5", "1-0:32.32.0", "1-0:72.36.0", "1-0:1.4.0",
    ] {
      for number in [
        "0", "7", "00.695", "231.4", "001043.608", "1234567.1234567", "12345678", "1.12345678", "5.", ".5", "1,5",
        "-1.2", "",
        "00.\u{7F}81", "9999999",
      ] {
        for unit in ["", "*kWh", "*Wh", "*kW", "*W", "*V", "*A", "*Hz", "*kvarh", "*kw", "*parsec", "*", "V"] {
          try verify(["\(code)(\(number)\(unit))", "\(code)(1)", "1-0:1.7.0(00.1*kW)"])
        }
      }
    }
  }

  @Test("lists and groups that follow are the same on the short way", arguments: lists + others)
  func neighbours(_ line: String) throws {
    try verify([line, "1-0:1.7.0(00.1*kW)", "1-0:32.7.0(230.1*V)"])
    try verify(["1-0:1.7.0(00.1*kW)", line, "(5*kW)", "1-0:1.7.0(00.2*kW)"])
    try verify(["1-0:1.7.0(00.1*kW)(2*kW)", line + "(1*V)", "1-0:1.7.0(00.2*kW)", line])
  }

  @Test("lines in any order, with any character damaged, are the same on the short way") func damaged() throws {
    var random = Numbers(state: 17)
    let usual = ["1-0:1.8.1(001043.608*kWh)", "1-0:1.7.0(00.695*kW)", "1-0:31.7.0(000.92*A)", "1-0:32.32.0(00002)"]
    let pool = Array("0123456789().*:-kWhAV sS".unicodeScalars)
    for _ in 0..<400 {
      var lines = (lists + others + usual + usual).shuffled(using: &random)
      for index in lines.indices where random.next() % 4 == 0 {
        var characters = Array(lines[index].unicodeScalars)
        characters[Int(random.next() % UInt64(characters.count))] = pool[Int(random.next() % UInt64(pool.count))]
        lines[index] = String(String.UnicodeScalarView(characters))
      }
      try verify(lines)
    }
  }
}
