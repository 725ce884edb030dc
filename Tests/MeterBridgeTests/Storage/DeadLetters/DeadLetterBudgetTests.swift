import Testing

@testable import Base
@testable import MeterBridge
@testable import Meters

private func instant(_ seconds: Int64) -> Instant { Instant(milliseconds: 1_000_000) + .seconds(seconds) }

extension DeadLetterBudget {
  /// The number of letters that were skipped before this one; nil if it is skipped too.
  fileprivate mutating func take(_ letter: DeadLetter, size: Int, now: Instant) -> Int? {
    if case .write(let skipped) = take(letter, size: { size }, now: now) { skipped } else { nil }
  }
}

private func letter(_ meter: String, _ code: String = "noise", _ stage: DeadLetter.Stage = .framing) -> DeadLetter {
  var letter = sampleLetter(meter: meter)
  (letter.code, letter.stage, letter.source) = (code, stage, "tcp://\(meter):1")
  return letter
}

struct DeadLetterBudgetTests {
  @Test("some letters of a kind are written at once, then one a minute with the number of the skipped ones")
  func number() {
    var budget = DeadLetterBudget()
    var written: [Int] = []
    for second in Int64(0)..<600 {
      if let skipped = budget.take(letter("grid"), size: 300, now: instant(second)) { written.append(skipped) }
    }
    #expect(written == [Int](repeating: 0, count: 20) + [40] + [Int](repeating: 59, count: 8))
    #expect(budget.skipped == 600 - written.count)
  }

  @Test("other meters, stages, codes, registers and topics are not concerned") func others() {
    var budget = DeadLetterBudget()
    for _ in 0..<100 { _ = budget.take(letter("grid"), size: 300, now: instant(0)) }
    #expect(budget.take(letter("grid"), size: 300, now: instant(0)) == nil)
    var (register, topic) = (letter("grid"), letter("grid"))
    register.subject = .init(field: "energy")
    topic.subject = .init(topic: "meterbridge/grid/energy")
    for other in [letter("heat"), letter("grid", "truncated"), letter("grid", "noise", .decode), register, topic] {
      #expect(budget.take(other, size: 300, now: instant(0)) == 0)
    }
  }

  /// The bytes of a day.
  private func bytesOfDay(_ letters: [DeadLetter], size: Int, from start: Int64 = 0) -> [String: Int] {
    var budget = DeadLetterBudget()
    var bytes: [String: Int] = [:]
    for second in stride(from: start, to: start + 86_400, by: 60) {
      for letter in letters where budget.take(letter, size: size, now: instant(second)) != nil {
        bytes[letter.meter, default: 0] += size
      }
    }
    return bytes
  }

  @Test("a source writes less than 20 MB a day, whatever it sends", arguments: [300, 8_400, 33_000])
  func bytes(size: Int) {
    var loud = (0..<40).map { letter("loud", "code\($0)") }
    loud += (0..<40).map { letter("loud", "key\($0)", .decipher) }
    let one = bytesOfDay(loud, size: size)
    #expect(one["loud", default: 0] < 16_000_000)
    // And so do many meters of one source.
    var bus = (0..<50).map { letter("meter\($0)", "wrong_key", .decipher) }
    for index in bus.indices { bus[index].source = "tcp://bus:1" }
    #expect(bytesOfDay(bus, size: size).values.reduce(0, +) < 18_000_000)
  }

  @Test("the letters of a quiet meter are written beside those of a loud one") func quietMeter() {
    var budget = DeadLetterBudget()
    var quiet = 0
    for second in stride(from: Int64(0), to: 86_400, by: 20) {
      for code in 0..<20 { _ = budget.take(letter("loud", "code\(code)"), size: 33_000, now: instant(second)) }
      if second % 600 == 0, budget.take(letter("quiet"), size: 3_000, now: instant(second)) != nil { quiet += 1 }
    }
    #expect(quiet == 144)
  }

  @Test("hours of telegrams that no key opens are kept") func wrongKey() {
    var budget = DeadLetterBudget()
    let kept = (Int64(0)..<5_000).count {
      budget.take(letter("netz", "wrong_key", .decipher), size: 900, now: instant($0 * 10)) == 0
    }
    #expect(kept == 5_000)
  }

  @Test("memory is bounded") func manyTopics() {
    var budget = DeadLetterBudget()
    var written = 0
    for number in 0..<10_000 {
      var one = letter("grid", "not_authorized", .publish)
      one.subject = .init(topic: "meterbridge/grid/\(number)")
      if budget.take(one, size: 1, now: instant(0)) != nil { written += 1 }
    }
    #expect(written <= Limits.letterKinds + 20)
  }
}
