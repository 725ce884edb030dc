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
    guard
      let digits = P1Digits(bytes, at: start, takesComma: takesComma)
        ?? P1Digits(manyOf: bytes, at: start, takesComma: takesComma)
    else { return nil }
    let index = start &+ digits.count
    text = ByteRange(from: start, to: index)
    number = digits.number
    if bytes[index] == UInt8(ascii: ")") {
      unit = ByteRange(from: index, to: index)
      usualUnit = .none
      end = index &+ 1
    } else {
      guard bytes[index] == UInt8(ascii: "*"), let word = bytes.word(at: index &+ 1),
        let (usual, count) = WrittenUnit.bracketed(word)
      else { return nil }
      unit = ByteRange(from: index &+ 1, to: index &+ 1 &+ count)
      usualUnit = usual
      end = index &+ count &+ 2
    }
  }

  /// Whether it can be nothing else: ten digits or more without a unit may be a time.
  @inline(__always)
  var isNumber: Bool { !unit.isEmpty || text.count < 10 }

  @inline(__always)
  var group: P1Group { P1Group(text: text, unit: unit, content: .number(number), usualUnit: usualUnit) }
}
