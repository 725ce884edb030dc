/// The number of a meter on the wire, and as it is printed on the meter.
struct SMLServerID: ~Copyable, ~Escapable {
  private let bytes: Span<UInt8>
  private let range: Range<Int>

  @_lifetime(copy bytes)
  init(_ bytes: Span<UInt8>, _ range: ByteRange) {
    self.bytes = bytes
    self.range = range.indices
  }

  /// `0A`, medium, three letters, a byte, number in four bytes (DIN 43863-5). Some meters begin with `09`.
  private var isStandard: Bool {
    range.count == 10 && (bytes[range.lowerBound] == 0x0A || bytes[range.lowerBound] == 0x09)
      && (1...9).contains(bytes[range.lowerBound + 1]) && hasLetters(at: 2)
  }

  /// The medium as A of OBIS codes counts it; nil if the number does not tell.
  var medium: UInt8? { isStandard ? bytes[range.lowerBound + 1] : nil }

  /// Place of the maker's letters. Older meters have them behind `06`.
  var letters: ByteRange? {
    let start = isStandard ? 2 : range.count == 10 && bytes[range.lowerBound] == 0x06 && hasLetters(at: 1) ? 1 : nil
    return start.map { ByteRange(from: range.lowerBound + $0, to: range.lowerBound + $0 + 3) }
  }

  private func hasLetters(at place: Int) -> Bool {
    for index in range.lowerBound + place..<range.lowerBound + place + 3
    where !(UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(bytes[index]) { return false }
    return true
  }

  func write(into text: inout [UInt8]) {
    let start = range.lowerBound
    if isStandard {
      text.append(bytes[start + 1] + UInt8(ascii: "0"))
      for index in 2..<5 { text.append(bytes[start + index]) }
      Self.writeHexadecimal(bytes[start + 5], into: &text)
      var number: UInt32 = 0
      for index in 6..<10 { number = number << 8 | UInt32(bytes[start + index]) }
      let digits = text.count
      for _ in 0..<8 { text.append(UInt8(ascii: "0")) }
      var place = text.count
      while number > 0 {
        place -= 1
        // Numbers of nine digits and more are not of the standard.
        if place < digits {
          text.insert(UInt8(ascii: "0"), at: digits)
          place = digits
        }
        text[place] = UInt8(truncatingIfNeeded: number % 10) + UInt8(ascii: "0")
        number /= 10
      }
      return
    }
    var isText = true
    for index in range where !bytes[index].isPrintable { isText = false }
    for index in range {
      if isText { text.append(bytes[index]) } else { Self.writeHexadecimal(bytes[index], into: &text) }
    }
  }

  static func writeHexadecimal(_ byte: UInt8, into text: inout [UInt8]) {
    let high = byte &>> 4
    let low = byte & 15
    text.append(high < 10 ? high + UInt8(ascii: "0") : high - 10 + UInt8(ascii: "A"))
    text.append(low < 10 ? low + UInt8(ascii: "0") : low - 10 + UInt8(ascii: "A"))
  }
}
