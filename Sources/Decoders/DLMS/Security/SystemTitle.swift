/// The eight bytes that name a DLMS meter to its cipher (Green Book 4.3.4): three letters of its maker, then five bytes of
/// the maker's own.
package struct SystemTitle: Hashable, Sendable, BitwiseCopyable {
  /// The eight bytes, the first one highest.
  package let bytes: UInt64

  package init(_ bytes: UInt64) { self.bytes = bytes }

  /// Reads the eight bytes from `start`, which must exist.
  init(_ source: Span<UInt8>, at start: Int) {
    var value: UInt64 = 0
    for index in start..<start + 8 { value = value << 8 | UInt64(source[index]) }
    bytes = value
  }

  /// Byte `index`, 0 to 7.
  func byte(_ index: Int) -> UInt8 { UInt8(truncatingIfNeeded: bytes >> UInt64(56 - 8 * index)) }

  /// The maker's letters, packed as in `MeterIdentity`; 0 for other bytes.
  package var manufacturer: UInt16 { MeterIdentity.manufacturer(byte(0), byte(1), byte(2)) ?? 0 }

  /// The sixteen hexadecimal digits.
  package var hexadecimal: String { Hexadecimal.text((0..<8).map(byte)) }
}

extension SystemTitle: CustomStringConvertible {
  /// As on the label of the meter: `6KFM5501193046` for Kaifa, whose title contains the serial number.
  ///
  /// For other makers the letters, and the other five bytes in hexadecimal.
  package var description: String {
    guard let letters = MeterIdentity.letters(manufacturer) else { return hexadecimal }
    guard letters == "KFM" else { return letters + Hexadecimal.text((3..<8).map(byte)) }
    let middle = Hexadecimal.text([byte(3), byte(4)])
    return middle.prefix(1) + letters + middle.dropFirst() + String(bytes & 0xFFFFFF, width: 7)
  }
}
