/// The identification line of a meter: `/ X X X Z [\ W] text` (IEC 62056-21, 6.3.2).
///
/// XXX are the maker's letters, Z names the speed and with it the mode of the dialogue. `\W` offers other modes, which are not
/// needed for a readout.
package struct D0Identification: Sendable, BitwiseCopyable {
  /// What follows the identification.
  package enum Mode: Equatable, Sendable, BitwiseCopyable {
    /// The data, at the same speed.
    case a
    /// The data, at the speed in bits a second that both sides change to.
    case b(Int)
    /// A wait for the choice of a speed up to this one.
    case c(Int)
  }

  /// The line without `/` and line end.
  package private(set) var line: ByteRange
  /// The three letters, packed as in `MeterIdentity`; 0 for other characters.
  package private(set) var manufacturer: UInt16 = 0
  /// The maker's name for the meter.
  package private(set) var model = ByteRange()
  package private(set) var mode = Mode.a
  /// A third letter in lower case: the meter reacts within 20 ms, others take 200 ms.
  package private(set) var isFast = false

  /// The most characters of a line. The standard has 20, and meters have more.
  static let limit = 64

  /// The speeds of mode C by the digits from `0`, and of mode B by the letters from `A`, in bits a second.
  package static let rates = [300, 600, 1200, 2400, 4800, 9600, 19_200]

  /// - Parameter telegram: bytes that begin with `/`, without parity.
  package init(_ telegram: Span<UInt8>) {
    let start = min(1, telegram.count)
    var end = start
    while end < telegram.count, !telegram[end].isLineEnd { end &+= 1 }
    line = ByteRange(from: start, to: end)
    guard end &- start >= 3 else { return }
    manufacturer = MeterIdentity.manufacturer(telegram[start], telegram[start + 1], telegram[start + 2]) ?? 0
    isFast = telegram[start + 2] & 0x20 != 0
    var name = start + 3
    if name < end, telegram[name] != UInt8(ascii: "\\") {
      mode = Self.mode(telegram[name])
      name += 1
    }
    while name + 1 < end, telegram[name] == UInt8(ascii: "\\") { name += 2 }
    while name < end, telegram[name] == UInt8(ascii: " ") { name += 1 }
    while end > name, telegram[end - 1] == UInt8(ascii: " ") { end -= 1 }
    model = ByteRange(from: name, to: end)
  }

  private static func mode(_ mark: UInt8) -> Mode {
    switch mark {
    case UInt8(ascii: "0")...UInt8(ascii: "6"): .c(rates[Int(mark - UInt8(ascii: "0"))])
    case UInt8(ascii: "A")...UInt8(ascii: "F"): .b(rates[Int(mark - UInt8(ascii: "A")) + 1])
    // Reserved: such a meter still waits for the choice.
    case UInt8(ascii: "7")...UInt8(ascii: "9"): .c(rates[0])
    default: .a
    }
  }

  /// The place behind the line of an identification that begins at a `/`.
  enum Found: Equatable {
    case none
    /// More bytes decide.
    case incomplete
    case end(Int)
  }

  /// Looks for an identification at a `/`. Bit 7 of the bytes may be their parity.
  ///
  /// At the start of a line the second and third character may be digits; elsewhere only three letters count, and no second
  /// `/`. With `isLast` no more bytes will come.
  static func find(_ bytes: Span<UInt8>, at slash: Int, isAtLineStart: Bool, isLast: Bool) -> Found {
    var index = slash + 1
    while index < bytes.count {
      let byte = bytes[index] & 0x7F
      let length = index - slash - 1
      if byte.isLineEnd {
        guard length > 3 else { return .none }
        guard byte == .carriageReturn else { return .end(index + 1) }
        if index + 1 == bytes.count { return isLast ? .end(index + 1) : .incomplete }
        return .end(bytes[index + 1] & 0x7F == .lineFeed ? index + 2 : index + 1)
      }
      switch byte {
      case 0..<0x20, 0x7F, UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "!"): return .none
      case UInt8(ascii: "/") where !isAtLineStart: return .none
      default: break
      }
      if length < 3, !byte.isLetter, !(isAtLineStart && length > 0 && byte.isDigit) { return .none }
      guard length < limit else { return .none }
      index += 1
    }
    return isLast ? .none : .incomplete
  }

  /// The line of the first identification in bytes, with its line end; nil without one.
  package static func first(in bytes: Span<UInt8>) -> Range<Int>? {
    for index in bytes.indices where bytes[index] & 0x7F == UInt8(ascii: "/") {
      let isAtLineStart = index == 0 || (bytes[index - 1] & 0x7F).isLineEnd
      if case .end(let end) = find(bytes, at: index, isAtLineStart: isAtLineStart, isLast: false) { return index..<end }
    }
    return nil
  }
}
