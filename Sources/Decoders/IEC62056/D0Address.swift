/// The code of an address as meters shorten it: `1-0:1.8.0*255`, `1.8.0`, `1.8`, `C.1.0`, `F.F`, `F`, `1.8.1&03` (IEC 62056-61,
/// annex A; EDIS).
enum D0Address {
  /// `unknown` if the address has another form. A is `noMedium` if it was left out.
  static func code(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Obis {
    var index = range.lowerBound
    guard let code = code(bytes, &index), index == range.upperBound else { return .unknown }
    return code
  }

  /// The code that begins at an index, which is then behind it; nil for what is no code. A is `noMedium` if it was left out.
  ///
  /// Behind it stands a character that no code has.
  @inline(__always)
  static func code(_ bytes: Span<UInt8>, _ index: inout Int) -> Obis? {
    var code = Obis(Obis.noMedium, 0, 0, 0, 0)
    guard let first = group(bytes, &index) else { return nil }
    code.c = first
    if bytes[index] == UInt8(ascii: "-"), bytes[index &- 1].isDigit {
      index &+= 1
      guard let b = digits(bytes, &index), bytes[index] == UInt8(ascii: ":") else { return nil }
      index &+= 1
      guard let c = group(bytes, &index), first != Obis.unknown.a else { return nil }
      code.a = first
      code.b = b
      code.c = c
    }
    // The error register may come without its point: `FF`.
    let isDoubled = code.c == errors && bytes[index] == UInt8(ascii: "F")
    if isDoubled || step(bytes, &index, UInt8(ascii: ".")) {
      guard let d = group(bytes, &index) else { return nil }
      code.d = d
      if step(bytes, &index, UInt8(ascii: ".")) {
        guard let e = group(bytes, &index) else { return nil }
        code.e = e
      }
    }
    if bytes[index] == UInt8(ascii: "*") || bytes[index] == UInt8(ascii: "&") {
      index &+= 1
      guard let f = digits(bytes, &index) else { return nil }
      code.f = f
    }
    return code
  }

  private static let errors: UInt8 = 97

  @inline(__always)
  private static func step(_ bytes: Span<UInt8>, _ index: inout Int, _ mark: UInt8) -> Bool {
    guard bytes[index] == mark else { return false }
    index &+= 1
    return true
  }

  /// A number, or one of the letters C, F, L and P for 96 to 99.
  @inline(__always)
  private static func group(_ bytes: Span<UInt8>, _ index: inout Int) -> UInt8? {
    let letter: UInt8
    switch bytes[index] {
    case UInt8(ascii: "C"): letter = 96
    case UInt8(ascii: "F"): letter = errors
    case UInt8(ascii: "L"): letter = 98
    case UInt8(ascii: "P"): letter = 99
    default: return digits(bytes, &index)
    }
    index &+= 1
    return letter
  }

  /// One to three digits up to 255.
  @inline(__always)
  private static func digits(_ bytes: Span<UInt8>, _ index: inout Int) -> UInt8? {
    var value = 0
    let start = index
    while bytes[index].isDigit {
      value = value &* 10 &+ Int(bytes[index].digitValue)
      if value > 255 { return nil }
      index &+= 1
    }
    return index > start ? UInt8(truncatingIfNeeded: value) : nil
  }
}
