package import Decoders

/// Writes JSON: bytes appended to one buffer, numbers with their own digits.
///
/// What libyaml cannot read back (7F, C1 controls, the two line separators, the byte order mark, two noncharacters) is
/// escaped, so that every line this writes this program can read.
package struct JSONText {
  package private(set) var bytes: [UInt8] = []
  private var needsComma = false

  package init() { bytes.reserveCapacity(1024) }

  /// The text so far.
  package var text: String { String(decoding: bytes, as: UTF8.self) }

  package mutating func object(_ content: (inout JSONText) -> Void) { nested(0x7B, 0x7D, content) }
  package mutating func array(_ content: (inout JSONText) -> Void) { nested(0x5B, 0x5D, content) }

  package mutating func key(_ name: String) {
    separate()
    quote(name)
    bytes.append(0x3A)
    needsComma = false
  }

  package mutating func value(_ text: String) {
    separate()
    quote(text)
  }

  mutating func value(_ text: String?) {
    guard let text else { return null() }
    value(text)
  }

  package mutating func value(_ number: FixedDecimal) {
    separate()
    number.write(into: &bytes)
  }

  package mutating func value(_ number: some FixedWidthInteger) {
    separate()
    bytes.append(contentsOf: String(number).utf8)
  }

  package mutating func value(_ flag: Bool) { raw(flag ? "true" : "false") }

  package mutating func null() { raw("null") }

  /// Text that is JSON already.
  mutating func raw(_ json: String) {
    separate()
    bytes.append(contentsOf: json.utf8)
  }

  /// A key with an object.
  package mutating func object(_ name: String, _ content: (inout JSONText) -> Void) {
    key(name)
    object(content)
  }

  /// A key with an array.
  package mutating func array(_ name: String, _ content: (inout JSONText) -> Void) {
    key(name)
    array(content)
  }

  /// A key with a text; `null` for none.
  package mutating func member(_ name: String, _ text: String?) {
    key(name)
    value(text)
  }

  /// A key with a whole number.
  package mutating func member(_ name: String, _ number: some FixedWidthInteger) {
    key(name)
    value(number)
  }

  /// A key with an exact decimal.
  package mutating func member(_ name: String, _ number: FixedDecimal) {
    key(name)
    value(number)
  }

  /// A key with a truth value.
  package mutating func member(_ name: String, _ flag: Bool) {
    key(name)
    value(flag)
  }

  private mutating func nested(_ open: UInt8, _ close: UInt8, _ content: (inout JSONText) -> Void) {
    separate()
    bytes.append(open)
    needsComma = false
    content(&self)
    bytes.append(close)
    needsComma = true
  }

  private mutating func separate() {
    if needsComma { bytes.append(0x2C) }
    needsComma = true
  }

  private mutating func quote(_ text: String) {
    bytes.append(0x22)
    for scalar in text.unicodeScalars {
      switch scalar.value {
      case 0x22, 0x5C:
        bytes.append(0x5C)
        bytes.append(UInt8(scalar.value))
      case 0..<0x20, 0x7F...0x9F, 0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF:
        let digits = String(scalar.value, radix: 16)
        bytes.append(contentsOf: ("\\u" + String(repeating: "0", count: 4 - digits.count) + digits).utf8)
      default: bytes.append(contentsOf: String(scalar).utf8)
      }
    }
    bytes.append(0x22)
  }
}
