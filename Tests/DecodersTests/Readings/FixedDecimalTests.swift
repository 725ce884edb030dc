import Testing

@testable import Decoders

private struct Written: Sendable, CustomTestStringConvertible {
  var value: FixedDecimal
  var text: String
  var testDescription: String { text }
}

@Suite struct FixedDecimalTests {
  @Test(
    "a number is written with the digits of its register",
    arguments: [
      Written(value: FixedDecimal(0), text: "0"),
      Written(value: FixedDecimal(0, exponent: -2), text: "0.00"),
      Written(value: FixedDecimal(0, exponent: 3), text: "0"),
      Written(value: FixedDecimal(340, exponent: -3), text: "0.340"),
      Written(value: FixedDecimal(-18, exponent: -2), text: "-0.18"),
      Written(value: FixedDecimal(110, exponent: -2), text: "1.10"),
      Written(value: FixedDecimal(1160, exponent: 3), text: "1160000"),
      Written(value: FixedDecimal(.min), text: "-9223372036854775808"),
    ])
  private func digits(_ sample: Written) { #expect(sample.value.description == sample.text) }

  @Test("a unit that is a power of ten away only moves the point") func powersOfTen() {
    #expect(FixedDecimal(1160, exponent: 3).converted(from: .wattHour, to: .kilowattHour)?.description == "1160")
    #expect(FixedDecimal(110, exponent: -2).converted(from: .kilowatt, to: .watt)?.description == "1100")
    #expect(FixedDecimal(234, exponent: -3).converted(from: .kilowatt, to: .watt)?.description == "234")
  }

  @Test("any other conversion is rounded half away from zero") func rounding() {
    #expect(FixedDecimal(3_913_200).converted(from: .second, to: .hour)?.description == "1087.00")
    #expect(FixedDecimal(1, exponent: 9).converted(from: .joule, to: .kilowattHour)?.description == "277.778")
    #expect(FixedDecimal(18).converted(from: .second, to: .hour)?.description == "0.01")
    #expect(FixedDecimal(-18).converted(from: .second, to: .hour)?.description == "-0.01")
    #expect(FixedDecimal(17).converted(from: .second, to: .hour)?.description == "0.00")
    #expect(FixedDecimal(680, exponent: -1).converted(from: .fahrenheit, to: .celsius)?.description == "20.00")
    #expect(FixedDecimal(.max).converted(from: .megawattHour, to: .joule) == nil)
    #expect(FixedDecimal(7, exponent: -60).converted(from: .joule, to: .kilowattHour)?.description == "0.000")
    #expect(FixedDecimal(7, exponent: -36).converted(from: .joulePerHour, to: .watt)?.description == "0.0")
    #expect(FixedDecimal(1).converted(from: .watt, to: .volt) == nil)
  }

  @Test("a float becomes the shortest decimal that reads back") func shortest() {
    #expect(FixedDecimal(shortest: Float(53.2))?.description == "53.2")
    #expect(FixedDecimal(shortest: Float(1e-7))?.description == "0.0000001")
    #expect(FixedDecimal(shortest: Float(16_777_216))?.description == "16777216")
    #expect(FixedDecimal(shortest: Float(0))?.description == "0")
    #expect(FixedDecimal(shortest: Float.nan) == nil)
    #expect(FixedDecimal(shortest: Float.infinity) == nil)
  }

  /// The library's own text of a Float is the measure, also where two decimals are equally near (1.00390625).
  @Test("a float of few decimals has the digits of its text") func fewDecimals() throws {
    let anything = stride(from: UInt32.min, through: .max, by: 42_949).map { Float(bitPattern: $0) }
    let measured = (0..<100_000).map { Float($0 * 1_999 - 99_999_999) / [1, 10, 100, 1_000][$0 % 4] }
    let halves = (0..<256).map { 1 + Float($0) / 256 }
    let wrong = try (anything + measured + halves).filter(\.isFinite).filter { value in
      let expected = FixedDecimal(shortest: try #require(Double(value.description)))
      return FixedDecimal(shortest: value)?.description != expected?.description
    }
    #expect(wrong.isEmpty, "\(wrong.prefix(5))")
  }

  @Test("a sum keeps the finer decimals, and is nil where it does not fit") func sums() {
    #expect((FixedDecimal(178_572, exponent: -2) + FixedDecimal(12_012, exponent: 0))?.description == "13797.72")
    #expect(FixedDecimal(.max) + FixedDecimal(1) == nil)
  }
}
