import Decoders
import Testing

@Suite struct FixedDecimalOrderTests {
  /// Each below the next, whatever their exponents.
  private let ascending = [
    FixedDecimal(.min, exponent: 127), FixedDecimal(-1, exponent: 127), FixedDecimal(.min), FixedDecimal(-11),
    FixedDecimal(-10), FixedDecimal(-99, exponent: -1), FixedDecimal(-1, exponent: -128), FixedDecimal(0, exponent: 9),
    FixedDecimal(1, exponent: -128), FixedDecimal(11, exponent: -1), FixedDecimal(111, exponent: -2), FixedDecimal(12),
    FixedDecimal(.max), FixedDecimal(1, exponent: 19), FixedDecimal(1, exponent: 127),
    FixedDecimal(.max, exponent: 127),
  ]

  @Test("any two numbers have an order") func order() {
    for (index, small) in ascending.enumerated() {
      #expect(!small.isBelow(small))
      for large in ascending[(index + 1)...] {
        #expect(small.isBelow(large), "\(small) \(large)")
        #expect(!large.isBelow(small), "\(small) \(large)")
      }
    }
    #expect(
      !FixedDecimal(10, exponent: -1).isBelow(FixedDecimal(1))
        && !FixedDecimal(1).isBelow(FixedDecimal(10, exponent: -1)))
  }

  @Test(
    "plain digits are read as they stand",
    arguments: [
      "0", "-0", "12", "-12.340", "0.00", "9223372036854775807", "-9223372036854775808", "12e3", "1e-5", "0.10e2",
    ])
  func plain(text: String) throws {
    let number = try #require(FixedDecimal(plain: text))
    if !text.contains("e"), text != "-0" { #expect(number.description == text) }
  }

  @Test(
    "everything else is not a number",
    arguments: [
      "", "-", ".", "1.", ".5", "1,5", "+1", " 1", "1 ", "1.2.3", "--1", "e5", "1e", "1ee2", "1e999", "1e-200", "0x1",
      "9223372036854775808", "-9223372036854775809", "1e99999999999999999999", "١",
    ])
  func notANumber(text: String) { #expect(FixedDecimal(plain: text) == nil) }

  struct Rounding: Sendable, CustomTestStringConvertible {
    var value: String
    var step: String
    var rounded: String?
    init(_ value: String, _ step: String, _ rounded: String?) {
      self.value = value
      self.step = step
      self.rounded = rounded
    }
    var testDescription: String { "\(value) to \(step)" }
  }

  @Test(
    "a value is rounded to the nearest multiple of a step",
    arguments: [
      Rounding("472", "10", "470"), Rounding("475", "10", "480"), Rounding("-475", "10", "-480"),
      Rounding("474.999", "10", "470"), Rounding("230.14", "0.1", "230.1"), Rounding("230.15", "0.1", "230.2"),
      Rounding("230", "0.1", "230"), Rounding("230.3", "0.5", "230.5"), Rounding("230.0", "0.5", "230.0"),
      Rounding("231", "0.5", "231"), Rounding("1000.06", "0.1", "1000.1"), Rounding("0.04", "0.1", "0.0"),
      Rounding("12e3", "500", "12000"), Rounding("7", "3", "6"), Rounding("8", "3", "9"), Rounding("1.5", "1", "2"),
      Rounding("9223372036854775807", "10", nil), Rounding("1e127", "1e-128", nil), Rounding("0", "10", "0"),
    ])
  func multiples(of it: Rounding) throws {
    let value = try #require(FixedDecimal(plain: it.value))
    let step = try #require(FixedDecimal(plain: it.step))
    #expect(value.rounded(to: step)?.description == it.rounded)
  }
}
