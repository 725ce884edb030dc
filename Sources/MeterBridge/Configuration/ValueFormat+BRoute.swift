internal import Base
internal import Decoders
internal import Meters

extension ValueFormat<Secret> {
  /// A secret is never shown, not even in an error about it.
  private static func hidden(
    _ described: String, _ parse: @escaping @Sendable (String) throws(InvalidValue) -> Secret
  ) -> ValueFormat {
    var format = ValueFormat("\(described); better `!file PATH` or `!env NAME`", parse)
    format.isSecret = true
    return format
  }

  /// The letter prints the id in groups, so blanks and hyphens do not matter.
  static let bRouteIdentifier = hidden("32 hexadecimal digits") { text throws(InvalidValue) in
    try refuseFullWidth(text)
    let digits = text.utf8.filter { ![0x20, 0x09, 0x0A, 0x0D, 0x2D].contains($0) }
    guard digits.allSatisfy({ Hexadecimal.digit($0) != nil }) else {
      throw InvalidValue("is not a route-B id: it has 32 hexadecimal digits, 0 to 9 and A to F; O and I are not digits")
    }
    guard digits.count == 32 else { throw InvalidValue("has \(digits.count) digits; a route-B id has 32") }
    return Secret(String(decoding: digits, as: UTF8.self).uppercased())
  }

  /// Grid companies give 12 characters. Dongles take up to 32.
  static let bRoutePassword = hidden("12 characters") { text throws(InvalidValue) in
    try refuseFullWidth(text)
    guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
      throw InvalidValue("has a blank or another character that a route-B password cannot have")
    }
    guard (1...32).contains(text.utf8.count) else {
      throw InvalidValue("has \(text.utf8.count) characters; a route-B password has 12")
    }
    return Secret(text)
  }
}

/// Japanese keyboards write `Ａ` for `A` by default.
private func refuseFullWidth(_ text: String) throws(InvalidValue) {
  guard !text.unicodeScalars.contains(where: { (0xFF01...0xFF5E).contains($0.value) || $0.value == 0x3000 }) else {
    throw InvalidValue("has full-width characters; write it with half-width ones")
  }
}
