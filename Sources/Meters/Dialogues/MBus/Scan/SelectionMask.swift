internal import Decoders

/// A secondary address with wildcards, as a select frame has it (EN 13757-3).
struct SelectionMask: Hashable, Sendable {
  /// The digits of the number, lowest first; F is a wildcard.
  var digits = [UInt8](repeating: Self.anyDigit, count: 8)
  /// As on the wire, lowest byte first; FFFF is a wildcard, and only as a whole.
  var manufacturer: UInt16 = 0xFFFF
  var version: UInt8 = 0xFF
  var medium: UInt8 = 0xFF
  /// The digits of the fabrication number, lowest first, for enhanced selection; nil for plain selection.
  var fabrication: [UInt8]?

  static let anyDigit: UInt8 = 0x0F

  /// The data of the select frame: eight bytes, and `0C 78` with four more for enhanced selection.
  var bytes: [UInt8] {
    let maker = [UInt8(truncatingIfNeeded: manufacturer), UInt8(truncatingIfNeeded: manufacturer >> 8)]
    let address = Self.packed(digits) + maker + [version, medium]
    guard let fabrication else { return address }
    return address + [0x0C, 0x78] + Self.packed(fabrication)
  }

  private static func packed(_ digits: [UInt8]) -> [UInt8] {
    (0..<4).map { digits[2 * $0] | digits[2 * $0 + 1] << 4 }
  }

  /// Whether a meter with this header may have been meant. Bytes that the header lacks fit.
  func fits(_ sender: MBusSender) -> Bool { sender.fits(Array(bytes.prefix(8))) }

  /// Places of digits that are wildcards.
  var freeDigits: [Int] { digits.indices.filter { digits[$0] == Self.anyDigit } }

  /// The same with one more digit.
  func with(digit: UInt8, at place: Int) -> SelectionMask {
    var mask = self
    mask.digits[place] = digit
    return mask
  }
}

extension SelectionMask: CustomStringConvertible {
  /// 16 digits, as in the configuration.
  var description: String { "\(MBusAddress.secondary(Array(bytes.prefix(8))))" }
}
