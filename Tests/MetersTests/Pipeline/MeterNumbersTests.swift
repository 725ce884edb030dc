import Decoders
import Testing

@testable import Base
@testable import Meters

private struct Line {
  var numbers: MeterNumbers
  var protection = Telegram.Protection.checkValue
  var now = Instant(milliseconds: 0)

  init(_ memory: DeviceTotals = DeviceTotals()) { numbers = MeterNumbers(memory) }

  /// Hears numbers a second apart, `-` for a telegram without one. `=` own, a digit for a claim, `!` an exchange. The
  /// readings of a claim are held back.
  mutating func hear(_ texts: String..., rank: UInt8 = 0, after pause: Milliseconds = 1000) -> String {
    texts.map { text in
      now = now + pause
      switch numbers.hear(text == "-" ? nil : MeterNumber(text, rank: rank), protection, at: now) {
      case .own: return "="
      case .claimed(let telegrams):
        numbers.withhold()
        return "\(telegrams)"
      case .exchanged: return "!"
      }
    }.joined()
  }
}

struct MeterNumbersTests {
  @Test("a new number is believed after five telegrams in a row")
  func exchange() {
    var line = Line()
    #expect(line.hear("A", "A", "B", "B", "B", "B", "B", "B") == "==1234!=")
    #expect(line.numbers.number?.text == "B")
    #expect(line.numbers.former == ["A"])
    #expect(line.numbers.takeRival() == nil)
  }

  @Test("telegrams without a number neither confirm nor refute a claim")
  func withoutNumber() {
    var line = Line()
    #expect(line.hear("-", "A", "B", "-", "B", "B", "B", "-", "B") == "==1=234=!")
  }

  @Test("the old number in between starts the count again")
  func oldNumberBetween() {
    var line = Line()
    #expect(line.hear("A", "B", "B", "B", "B", "A", "B", "B", "B", "B", "A") == "=1234=1234=")
  }

  @Test("another new number starts the count again, and does not make a rival of the first")
  func damagedNewNumber() {
    var line = Line()
    #expect(line.hear("A", "B", "B", "X", "B", "B", "B", "B", "B") == "=1211234!")
    #expect(line.numbers.takeRival() == nil)
  }

  @Test("numbers that alternate are two meters, never an exchange, and it is said once")
  func alternating() {
    var line = Line()
    #expect(line.hear("A", "B") == "=1")
    #expect(line.hear("A") == "=")
    // One telegram may be damage.
    #expect(line.numbers.takeRival() == nil)
    #expect(line.hear("B", "B", "A") == "12=")
    #expect(line.numbers.takeRival() == "B")
    #expect(line.numbers.takeRival() == nil)
    #expect(line.hear("B", "B", "B", "B", "B", "B", "B", "A") == "1234567=")
    #expect(line.numbers.takeRival() == nil)
    #expect(line.numbers.number?.text == "A")
  }

  @Test("a rival that is alone for a day is the meter")
  func rivalAlone() {
    var line = Line()
    #expect(line.hear("A", "B", "B", "A") == "=12=")
    #expect(line.hear("B", "B", "B", "B", "B", after: .minutes(5 * 60)) == "12345")
    #expect(line.hear("B", after: .minutes(5 * 60)) == "!")
  }

  @Test("the number of an exchanged meter that comes back is a second meter")
  func returningNumber() {
    var line = Line()
    #expect(line.hear("A", "B", "B", "B", "B", "B") == "=1234!")
    #expect(line.hear("A", "A", "A", "A", "A", "A") == "123456")
    #expect(line.numbers.takeRival() == "A")
    // Also after a restart.
    var again = Line(DeviceTotals(number: line.numbers.number, formerNumbers: line.numbers.former))
    #expect(again.hear("A", "A", "A", "A", "A", "A", "B") == "123456=")
  }

  @Test("a meter that was exchanged while the program was off takes five telegrams too")
  func exchangedWhileOff() {
    var line = Line(DeviceTotals(number: MeterNumber("A", rank: 0)))
    #expect(line.hear("B", "B", "B", "B", "B") == "1234!")
  }

  @Test("the user may accept a number")
  func accept() {
    var line = Line()
    #expect(line.numbers.accept() == nil)
    #expect(line.hear("A", "B", "B", "A", "B") == "=12=1")
    #expect(line.numbers.accept() == "B")
    #expect(line.hear("B", "B") == "!=")
  }

  @Test("a number under a tag that fits is believed at once")
  func authenticated() {
    var line = Line()
    #expect(line.hear("A") == "=")
    line.protection = .authenticated
    #expect(line.hear("B", "B") == "!=")
  }

  @Test("numbers from different places are names of one meter")
  func places() {
    var line = Line()
    #expect(line.hear("A", rank: 6) == "=")
    for _ in 0..<3 {
      #expect(line.hear("TITLE") == "=")
      #expect(line.hear("A", rank: 6) == "=")
    }
    #expect(line.numbers.number?.text == "A")
    #expect(line.numbers.takeRival() == nil)
    // A new meter has two names too.
    #expect(line.hear("B", rank: 6) + line.hear("OTHER") + line.hear("B", "B", rank: 6) == "1234")
    #expect(line.hear("OTHER") == "!")
    #expect(line.hear("B", rank: 6) == "=")
    #expect(line.numbers.number?.text == "B")
    #expect(line.numbers.former == ["TITLE", "A"])
  }

  @Test("without a check value a first number needs a second telegram")
  func firstNumber() {
    var line = Line()
    line.protection = .none
    #expect(line.hear("X", "A") == "==")
    #expect(line.numbers.number == nil)
    #expect(line.hear("A", "X") == "=1")
    #expect(line.numbers.number?.text == "A")
  }

  @Test("remembered numbers are bounded")
  func bounded() {
    var line = Line()
    _ = line.hear("A")
    for number in 0..<100 { #expect(line.hear("\(number)", "\(number)", "A") == "12=") }
    for number in 100..<200 {
      let text = "\(number)"
      #expect(line.hear(text, text, text, text, text) == "1234!")
    }
    #expect(line.numbers.former == ["195", "196", "197", "198"])
  }
}
