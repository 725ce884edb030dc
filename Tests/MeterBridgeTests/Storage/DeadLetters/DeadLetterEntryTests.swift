import Testing

@testable import Base
@testable import MeterBridge
@testable import Meters

private struct Sample: Sendable, CustomTestStringConvertible {
  var name: String
  var letter: DeadLetter
  var testDescription: String { name }

  init(_ name: String, _ change: (inout DeadLetter) -> Void) {
    self.name = name
    letter = sampleLetter()
    change(&letter)
  }
}

private let samples = [
  Sample("undecodable") { _ in },
  Sample("no offset, no bytes") {
    $0.offset = nil
    $0.bytes = []
  },
  Sample("held back") {
    $0.kind = .heldBack
    $0.stage = .guarding
    $0.subject = .init(field: "energy_import", value: "0.000", last: "12012.13")
  },
  Sample("refused") {
    $0.kind = .refused
    $0.stage = .publish
    $0.subject = .init(topic: "meterbridge/grid/power", value: "472")
  },
  Sample("every byte") { $0.bytes = Array(0...255) },
  Sample("longest P1") {
    $0.protocolName = "p1"
    $0.bytes = (0..<16 * 1024).map { UInt8(truncatingIfNeeded: $0) }
  },
  Sample("control characters") {
    $0.message = String(String.UnicodeScalarView((1..<0xA1).compactMap(Unicode.Scalar.init)))
  },
  Sample("zero") { $0.message = "a\u{0}b" },
  Sample("what YAML is particular about") {
    $0.message = "\u{FEFF}a\u{FFFE}\u{FFFF}\u{2028}\u{2029}\u{85}😀 \\ \" ' # : - \u{7F}"
  },
  Sample("blanks") { $0.message = "  two  three   \n\n end \t" },
  Sample("texts that look like something else") {
    $0.meter = "null"
    $0.code = "true"
    $0.message = "1.0"
    $0.subject = .init(field: "~", topic: "[]", value: "null", last: "")
  },
  Sample("texts that are not UTF-8") {
    $0.message = String(decoding: [0x41, 0xFF, 0xFE, 0xC3] as [UInt8], as: UTF8.self)
  },
  Sample("before 1970") { $0.time = WallTime(milliseconds: -1) },
  Sample("1970") { $0.time = WallTime(milliseconds: 7) },
  Sample("a leap day") { $0.time = WallTime(milliseconds: 1_709_164_800_000) },
]

@Test("a line reads back as its letter", arguments: samples)
private func roundTrip(sample: Sample) throws {
  let entry = DeadLetterEntry(id: try #require(DeadLetterID("0hk3vk2a1s0")), letter: sample.letter)
  #expect(entry.letter == sample.letter)
  let line = entry.line()
  #expect(line.last == 0x0A)
  #expect(!line.dropLast().contains { $0 < 0x20 || $0 == 0x7F })
  #expect(try DeadLetterEntry(parsing: line) == entry)
}

@Test("the keys are those of the contract")
func keys() throws {
  var letter = sampleLetter()
  letter.subject = .init(field: "energy", topic: "t", value: "2", last: "1")
  let entry = DeadLetterEntry(id: try #require(DeadLetterID("0hk3vk2a1s0")), letter: letter)
  let time = letter.time.description
  let head =
    #"{"id":"0hk3vk2a1s0","time":"\#(time)","meter":"heat","source":"/dev/ttyUSB0","kind":"undecodable","#
    + #""stage":"framing","code":"checksum_mismatch","message":"checksum is 4F, the bytes add up to 50","#
    + #""offset":21,"protocol":"mbus""#
  let tail = #","field":"energy","topic":"t","value":"2","last":"1"}"#
  #expect(String(decoding: entry.line(), as: UTF8.self) == head + #","bytes":"680303680801720016""# + tail + "\n")
  #expect(String(decoding: entry.event(), as: UTF8.self) == head + tail)
}

@Test("a line for equal letters reads back, and names the letter with the bytes")
func repeatedLetters() throws {
  var letter = sampleLetter()
  letter.bytes = []
  var entry = DeadLetterEntry(id: try #require(DeadLetterID("0hk3vk2a1s1")), letter: letter)
  entry.repeats = DeadLetterEntry.Repeats(
    original: try #require(DeadLetterID("0hk3vk2a1s0")), count: 59, first: WallTime(milliseconds: 7))
  let text = String(decoding: entry.event(), as: UTF8.self)
  let repeats = #""repeated":59,"first":"\#(WallTime(milliseconds: 7))","original":"0hk3vk2a1s0""#
  #expect(text.contains(repeats), "\(text)")
  #expect(try DeadLetterEntry(parsing: entry.line()) == entry)
}

@Test("a letter says how many were not kept before it")
func skippedLetters() throws {
  var entry = DeadLetterEntry(id: try #require(DeadLetterID("0hk3vk2a1s1")), letter: sampleLetter())
  entry.skipped = 12
  #expect(String(decoding: entry.event(), as: UTF8.self).contains(#""skipped":12"#))
  #expect(try DeadLetterEntry(parsing: entry.line()) == entry)
}

@Test("bytes beyond the longest frame are cut, and the line says so")
func cutBytes() throws {
  var letter = sampleLetter()
  letter.bytes = [UInt8](repeating: 0xE5, count: Limits.frameBytes + 1)
  letter.message = String(repeating: "é", count: 10_000)
  let entry = DeadLetterEntry(id: try #require(DeadLetterID("0hk3vk2a1s0")), letter: letter)
  #expect(entry.letter.bytes.count == Limits.frameBytes)
  #expect(entry.isTruncated)
  #expect(entry.letter.message.utf8.count <= Limits.deadLetterTextBytes)
  let text = String(decoding: entry.line(), as: UTF8.self)
  #expect(text.contains(#"E5","truncated":true}"#))
  #expect(try DeadLetterEntry(parsing: entry.line()) == entry)
}

@Test("the longest letter fits into a line")
func longestLetter() throws {
  var letter = sampleLetter()
  let worst = String(repeating: "\u{1}", count: 5000)
  letter.protocolName = "p1"
  letter.bytes = [UInt8](repeating: 0xFF, count: 100_000)
  letter.meter = worst
  letter.source = worst
  letter.code = worst
  letter.message = worst
  letter.subject = .init(field: worst, topic: worst, value: worst, last: worst)
  let entry = DeadLetterEntry(id: try #require(DeadLetterID("0hk3vk2a1s0")), letter: letter)
  #expect(entry.line().count <= Limits.deadLetterLineBytes)
  #expect(try DeadLetterEntry(parsing: entry.line()) == entry)
}

@Test("a line that is cut anywhere is damaged, and nothing worse")
func cutLine() throws {
  let line = sampleEntries(1)[0].line()
  for count in 0..<line.count - 2 {
    #expect(throws: DamagedLetter()) { try DeadLetterEntry(parsing: Array(line.prefix(count))) }
  }
  for index in line.indices {
    for byte: UInt8 in [0, 0x0A, 0x22, 0x5B, 0x5C, 0x7B, 0x7D, 0xFF] {
      var changed = line
      changed[index] = byte
      _ = try? DeadLetterEntry(parsing: changed)
    }
  }
}

private let damaged = [
  "", "x", "{}", "[]", "null", "{", "}", "{{{{", "\0\0\0\0", #"{"id":{"a":"b"}}"#,
  "{" + String(repeating: "[", count: 300), #"{"a":"# + String(repeating: "[", count: 300),
]

@Test("a line that is not a letter is damaged", arguments: damaged)
private func foreignLine(line: String) {
  #expect(throws: DamagedLetter()) { try DeadLetterEntry(parsing: Array(line.utf8)) }
}

@Test("keys of a later version are ignored")
func laterVersion() throws {
  let entry = sampleEntries(1)[0]
  let more = #"{"new":{"id":"zzzzzzzzzzz","a":["b",{"c":1}]},"#
  let line = more + String(decoding: entry.line().dropFirst(), as: UTF8.self)
  #expect(try DeadLetterEntry(parsing: Array(line.utf8)) == entry)
}

@Test("ids rise, whatever the clock does")
func risingIDs() throws {
  var numbering = DeadLetterNumbering()
  let times: [Int64] = [1_795_172_401_250, 1_795_172_401_250, 5, 1_795_172_401_251, -4, 4_000_000_000_000]
  let ids = times.map { numbering.next(at: WallTime(milliseconds: $0)) }
  #expect(ids == ids.sorted())
  #expect(Set(ids).count == ids.count)
  #expect(ids.map(\.description) == ids.map(\.description).sorted())
  for id in ids {
    #expect(id.description.utf8.count == 11)
    #expect(DeadLetterID(id.description) == id)
  }
  var restarted = DeadLetterNumbering(after: ids.last)
  let next = restarted.next(at: WallTime(milliseconds: 0))
  #expect(ids.allSatisfy { $0 < next })
}

@Test(
  "a text that is not an id is refused",
  arguments: ["", "1", "-0000000000000", "+00000000001", "0hk3vk2a1s_", "zzzzzzzzzzzzzzzzzzzz"])
func wrongIDs(text: String) {
  #expect(DeadLetterID(text) == nil)
}

private struct TimeSample: Sendable, CustomTestStringConvertible {
  var text: String
  var milliseconds: Int64?
  var testDescription: String { text }
}

private let times = [
  TimeSample(text: "1970-01-01T00:00:00Z", milliseconds: 0),
  TimeSample(text: "2026-11-20T12:00:01.250+01:00", milliseconds: 1_795_172_401_250),
  TimeSample(text: "2026-11-20T06:30:01.25-04:30", milliseconds: 1_795_172_401_250),
  TimeSample(text: "2024-02-29T00:00:00.000+00:00", milliseconds: 1_709_164_800_000),
  TimeSample(text: "2000-03-01T00:00:00.1239Z", milliseconds: 951_868_800_123),
  TimeSample(text: "2026-11-20T12:00:01.250", milliseconds: nil),
  TimeSample(text: "2026-13-20T12:00:01Z", milliseconds: nil),
  TimeSample(text: "2026-11-20T12:00:01.Z", milliseconds: nil),
  TimeSample(text: "2026-11-20T12:00:01Zx", milliseconds: nil),
  TimeSample(text: "2026-11-20 12:00:01Z", milliseconds: nil),
  TimeSample(text: "", milliseconds: nil),
]

@Test("times read back as they were", arguments: times)
private func timesOfDeadLetterEntry(sample: TimeSample) {
  #expect(WallTime(sample.text)?.milliseconds == sample.milliseconds)
}
