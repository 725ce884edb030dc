package import Base
internal import Decoders

/// The 16 bytes of a meter's key. They are never printed.
package struct MeterKey: Equatable, Sendable, CustomStringConvertible, CustomReflectable {
  /// The bytes themselves, for the cipher.
  package let reveal: [UInt8]

  /// Reads 32 hexadecimal digits. It skips blanks, colons, dashes and a leading 0x, which grid operators write.
  package init(_ text: String) throws(InvalidValue) {
    var digits = text.utf8.filter { ![0x20, 0x09, 0x0A, 0x0D, 0x3A, 0x2D].contains($0) }
    if digits.starts(with: [0x30, 0x78]) || digits.starts(with: [0x30, 0x58]) { digits.removeFirst(2) }
    guard let bytes = Hexadecimal.bytes(digits), bytes.count == 16 else {
      let hint =
        switch text {
        // In wmbusmeters.
        case "NOKEY": "; a meter without one has no `key`"
        case _ where text.utf8.count == 16: "; 16 characters must be written as their hexadecimal codes"
        default: ""
        }
      throw InvalidValue("is not a key: 32 hexadecimal digits\(hint)")
    }
    reveal = bytes
  }

  package var description: String { "(hidden)" }
  package var customMirror: Mirror { Mirror(self, children: []) }
}
