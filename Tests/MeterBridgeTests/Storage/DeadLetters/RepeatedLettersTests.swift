import Testing

@testable import Base
@testable import MeterBridge
@testable import Meters

private func instant(_ seconds: Int64) -> Instant { Instant(milliseconds: 1_000_000) + .seconds(seconds) }

/// What the log gets of letters, by their times.
private struct Ledger {
  var repeated = RepeatedLetters()
  var numbering = DeadLetterNumbering()
  /// Letters that were written.
  var written = 0
  var summaries: [RepeatedLetters.Summary] = []

  mutating func send(_ letter: DeadLetter, at seconds: Int64) {
    summaries += repeated.due(now: instant(seconds))
    var letter = letter
    letter.time = WallTime(milliseconds: seconds * 1000)
    if repeated.counts(letter, now: instant(seconds)) { return }
    written += 1
    let entry = DeadLetterEntry(id: numbering.next(at: letter.time), letter: letter)
    if let summary = repeated.remember(entry, whole: letter, now: instant(seconds)) { summaries.append(summary) }
  }

  mutating func end(at seconds: Int64) { summaries += repeated.due(now: instant(seconds), isEnd: true) }

  var counted: Int { summaries.reduce(0) { $0 + $1.repeats.count } }
}

struct RepeatedLettersTests {
  @Test(
    "equal letters of every kind are counted in one", arguments: [DeadLetter.Kind.undecodable, .heldBack, .refused])
  func counted(kind: DeadLetter.Kind) {
    var ledger = Ledger()
    var letter = sampleLetter()
    letter.kind = kind
    if kind != .undecodable { letter.subject = .init(field: "energy", topic: "t", value: "2", last: "1") }
    for second in Int64(0)..<86_000 { ledger.send(letter, at: second) }
    ledger.end(at: 86_000)
    #expect(ledger.written == 1)
    #expect(ledger.counted == 85_999)
    #expect(ledger.summaries.count < 40)
    #expect(ledger.summaries.allSatisfy { $0.letter.bytes.isEmpty && $0.letter.kind == kind })
    let first = ledger.summaries.first
    #expect(first?.repeats.first == WallTime(milliseconds: 1000))
    #expect(first?.letter.time == WallTime(milliseconds: 60_000 - 1000))
  }

  @Test("a letter that differs in anything is another one")
  func others() {
    var ledger = Ledger()
    let letter = sampleLetter()
    var letters = [letter]
    for change in [
      { $0.meter = "grid" }, { $0.code = "truncated" }, { $0.stage = .decode }, { $0.bytes[3] = 0 },
      { $0.subject = .init(topic: "t") }, { $0.subject = .init(value: "t") },
    ] as [(inout DeadLetter) -> Void] {
      letters.append(letter)
      change(&letters[letters.count - 1])
    }
    for one in letters { ledger.send(one, at: 0) }
    #expect(ledger.written == letters.count)
    for one in letters { ledger.send(one, at: 1) }
    #expect(ledger.written == letters.count)
    ledger.end(at: 2)
    #expect(ledger.counted == letters.count)
  }

  @Test("letters that alternate are counted too")
  func alternating() {
    var ledger = Ledger()
    for second in Int64(0)..<1000 { ledger.send(sampleLetter(meter: second % 2 == 0 ? "a" : "b"), at: second) }
    var other = sampleLetter()
    for second in Int64(0)..<1000 {
      other.bytes[4] = UInt8(second % Int64(Limits.lettersCompared))
      ledger.send(other, at: 1000 + second)
    }
    #expect(ledger.written == 2 + Limits.lettersCompared)
  }

  @Test("memory is bounded, and a letter that is forgotten is told first")
  func forgotten() {
    var ledger = Ledger()
    ledger.send(sampleLetter(), at: 0)
    ledger.send(sampleLetter(), at: 1)
    for number in 0..<100 {
      var other = sampleLetter()
      other.bytes += [UInt8(number)]
      ledger.send(other, at: 2)
    }
    #expect(ledger.summaries.map(\.repeats.count) == [1])
    ledger.send(sampleLetter(), at: 3)
    #expect(ledger.written == 102)
  }

  @Test("after a day the letter is written again with its bytes")
  func again() {
    var ledger = Ledger()
    for minute in Int64(0)..<3 * 1440 { ledger.send(sampleLetter(), at: minute * 60) }
    ledger.end(at: 3 * 86_400)
    #expect(ledger.written == 3)
    #expect(ledger.written + ledger.counted == 3 * 1440)
  }

  @Test("nothing is due where nothing was counted")
  func deadline() {
    var ledger = Ledger()
    ledger.send(sampleLetter(), at: 0)
    #expect(ledger.repeated.deadline == nil)
    ledger.send(sampleLetter(), at: 10)
    #expect(ledger.repeated.deadline == instant(60))
    #expect(ledger.repeated.due(now: instant(59)).isEmpty)
    #expect(ledger.repeated.due(now: instant(60)).count == 1)
    #expect(ledger.repeated.deadline == nil)
  }
}
