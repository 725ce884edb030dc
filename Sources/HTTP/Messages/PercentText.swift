/// Decodes percent-encoded text (RFC 3986, section 2.1).
///
/// - Parameter text: As it stands in a request.
/// - Returns: Its characters; nil if they are not UTF-8 or have a control character among them, or if a `%` is not followed
///   by two hexadecimal digits.
func percentDecoded(_ text: [UInt8]) -> String? {
  var bytes: [UInt8] = []
  bytes.reserveCapacity(text.count)
  var rest = text[...]
  while let byte = rest.popFirst() {
    guard byte == UInt8(ascii: "%") else {
      bytes.append(byte)
      continue
    }
    let digits = rest.prefix(2)
    guard digits.count == 2, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
      let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
    else { return nil }
    bytes.append(value)
    rest = rest.dropFirst(2)
  }
  guard bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else { return nil }
  return String(validating: bytes, as: UTF8.self)
}
