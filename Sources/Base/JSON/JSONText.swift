package import Decoders

/// Writes JSON into one buffer, numbers with their own digits.
///
/// It escapes what a terminal would obey, and what libyaml cannot read: the byte order mark, two noncharacters. So the
/// program can read every line that it writes.
package struct JSONText {
  package private(set) var bytes: [UInt8] = []
  private var needsComma = false

  package init() { bytes.reserveCapacity(1024) }

  /// The bytes in a place without room for more, for a text that waits in memory among thousands.
  package var exactBytes: [UInt8] {
    var exact: [UInt8] = []
    exact.reserveCapacity(bytes.count)
    exact.append(contentsOf: bytes)
    return exact
  }

  /// The text so far.
  package var text: String { String(decoding: bytes, as: UTF8.self) }

  package mutating func object(_ content: (inout JSONText) -> Void) {
    nested(UInt8(ascii: "{"), UInt8(ascii: "}"), content)
  }
  package mutating func array(_ content: (inout JSONText) -> Void) {
    nested(UInt8(ascii: "["), UInt8(ascii: "]"), content)
  }

  package mutating func key(_ name: String) {
    separate()
    quote(name)
    bytes.append(UInt8(ascii: ":"))
    needsComma = false
  }

  package mutating func value(_ text: String) {
    separate()
    quote(text)
  }

  package mutating func value(_ text: String?) {
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

  /// Appends text that is already JSON.
  package mutating func raw(_ json: String) {
    separate()
    bytes.append(contentsOf: json.utf8)
  }

  package mutating func object(_ name: String, _ content: (inout JSONText) -> Void) {
    key(name)
    object(content)
  }

  package mutating func array(_ name: String, _ content: (inout JSONText) -> Void) {
    key(name)
    array(content)
  }

  /// A key with a text, or with `null`.
  package mutating func member(_ name: String, _ text: String?) {
    key(name)
    value(text)
  }

  package mutating func member(_ name: String, _ number: some FixedWidthInteger) {
    key(name)
    value(number)
  }

  package mutating func member(_ name: String, _ number: FixedDecimal) {
    key(name)
    value(number)
  }

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
    if needsComma { bytes.append(UInt8(ascii: ",")) }
    needsComma = true
  }

  private mutating func quote(_ text: String) {
    bytes.append(UInt8(ascii: "\""))
    for scalar in text.unicodeScalars {
      switch scalar.value {
      case 0x22, 0x5C:
        bytes.append(UInt8(ascii: "\\"))
        bytes.append(UInt8(scalar.value))
      case 0x20...0x7E: bytes.append(UInt8(truncatingIfNeeded: scalar.value))
      case let value where scalar.isObeyed || value == 0xFEFF || value == 0xFFFE || value == 0xFFFF:
        bytes.append(contentsOf: "\\u\(String(value, width: 4, radix: 16))".utf8)
      default: bytes.append(contentsOf: String(scalar).utf8)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }
}
