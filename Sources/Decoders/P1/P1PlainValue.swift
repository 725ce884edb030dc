/// `000123.456*kWh)`, `231.4*V)` or `0002)`: what stands in nearly all brackets, read without detours.
struct P1PlainValue: BitwiseCopyable {
  let text: ByteRange
  let unit: ByteRange
  /// The place behind the closing bracket.
  let end: Int
  private let usualUnit: Unit
  private let number: FixedDecimal

  /// Nil for everything else: signs, more than eighteen characters, and other spellings of a unit.
  ///
  /// The bytes end with a `!`, which stops every search.
  @inline(__always)
  init?(_ bytes: Span<UInt8>, at start: Int, takesComma: Bool) {
    var index = start
    var mantissa: UInt64 = 0
    Self.readDigits(bytes, &index, appendingTo: &mantissa)
    guard index > start else { return nil }
    var decimals = 0
    if bytes[index] == UInt8(ascii: ".") || takesComma && bytes[index] == UInt8(ascii: ",") {
      index &+= 1
      let point = index
      Self.readDigits(bytes, &index, appendingTo: &mantissa)
      decimals = index &- point
    }
    guard index &- start <= 18 else { return nil }
    text = ByteRange(from: start, to: index)
    number = FixedDecimal(Int64(bitPattern: mantissa), exponent: Int8(truncatingIfNeeded: 0 &- decimals))
    if bytes[index] == UInt8(ascii: ")") {
      unit = ByteRange(from: index, to: index)
      usualUnit = .none
    } else {
      guard bytes[index] == UInt8(ascii: "*"), let word = bytes.word(at: index &+ 1),
        let (usual, count) = WrittenUnit.bracketed(word)
      else { return nil }
      unit = ByteRange(from: index &+ 1, to: index &+ 1 &+ count)
      usualUnit = usual
      index &+= 1 &+ count
    }
    end = index &+ 1
  }

  @inline(__always)
  var group: P1Group { P1Group(text: text, unit: unit, content: .number(number), usualUnit: usualUnit) }

  /// Reads digits up to another character, and appends them to a number. It wraps where they are too many.
  @inline(__always)
  static func readDigits(_ bytes: Span<UInt8>, _ index: inout Int, appendingTo number: inout UInt64) {
    while var rest = bytes.word(at: index) {
      // The compiler unrolls it, so that no step waits for the one before.
      for _ in 0..<8 {
        let digit = UInt8(truncatingIfNeeded: rest).digitValue
        if digit > 9 { return }
        number = number &* 10 &+ UInt64(digit)
        rest &>>= 8
        index &+= 1
      }
    }
    while bytes[index].isDigit {
      number = number &* 10 &+ UInt64(bytes[index].digitValue)
      index &+= 1
    }
  }
}
