/// What a meter says instead of an answer. An error contains no reference, so the number and the beginning of the text are
/// packed into it: six bytes and two characters, then eight.
extension DecodeError {
  private static let numberBytes = 6

  init(attention number: Span<UInt8>, text: Span<UInt8>) {
    var bytes = [16 of UInt8](repeating: 0)
    for index in 0..<min(Self.numberBytes, number.count) { bytes[index] = number[index] }
    for index in 0..<min(bytes.count - Self.numberBytes, text.count) { bytes[Self.numberBytes + index] = text[index] }
    var halves: [2 of UInt64] = [0, 0]
    for index in bytes.indices { halves[index / 8] = halves[index / 8] << 8 | UInt64(bytes[index]) }
    self.init(
      .attention, at: 0, expected: Int(truncatingIfNeeded: halves[0]), found: Int(truncatingIfNeeded: halves[1]))
  }

  /// The number in hexadecimal, and the beginning of the text.
  var attentionText: String {
    let bytes = [expected, found].flatMap { half in
      stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: half >> $0) }
    }
    let text = bytes.dropFirst(Self.numberBytes).prefix { $0 != 0 }.map { $0.isPrintable ? $0 : UInt8(ascii: "?") }
    let number = Hexadecimal.text(bytes.prefix(Self.numberBytes))
    return text.isEmpty ? number : "\(number): \(String(decoding: text, as: UTF8.self))"
  }
}
