/// The full address of a meter in a layer of wireless M-Bus (EN 13757-7), eight bytes:
///
///     M M I I I I V D
///     M  manufacturer, three letters
///     I  identification: eight digits
///     V  version
///     D  medium, the device type
package struct WirelessAddress: Hashable, Sendable, BitwiseCopyable {
  package var manufacturer: UInt16
  package var identification: UInt32
  package var version: UInt8
  package var medium: UInt8

  /// The address at a place with eight bytes.
  init(_ bytes: Span<UInt8>, at start: Int) {
    manufacturer = UInt16(bytes[start]) | UInt16(bytes[start + 1]) << 8
    identification = 0
    for index in (0..<4).reversed() { identification = identification << 8 | UInt32(bytes[start + 2 + index]) }
    version = bytes[start + 6]
    medium = bytes[start + 7]
  }

  /// That of a header that names its meter.
  init(_ header: MBusHeader) {
    manufacturer = header.manufacturer
    identification = header.identification
    version = header.version
    medium = header.medium
  }

  /// As the layers below the records know the sender.
  var header: MBusHeader {
    var header = MBusHeader(primaryAddress: 0)
    header.isNamedByLink = true
    header.manufacturer = manufacturer
    header.identification = identification
    header.version = version
    header.medium = medium
    return header
  }

  /// In the order of an M-Bus select frame, the manufacturer without the bit that is not of its letters.
  package var selected: [UInt8] {
    var own = self
    own.manufacturer &= 0x7FFF
    return [2, 3, 4, 5, 0, 1, 6, 7].map(own.byte)
  }

  /// In one word, for a seal.
  var word: UInt64 {
    UInt64(identification) << 32 | UInt64(manufacturer) << 16 | UInt64(version) << 8 | UInt64(medium)
  }

  /// The vector of a cipher: its eight bytes, then one byte eight times.
  func vector(_ filler: UInt8) -> WirelessCipher.Block {
    var vector = WirelessCipher.Block(repeating: filler)
    vector[0] = UInt8(truncatingIfNeeded: manufacturer)
    vector[1] = UInt8(truncatingIfNeeded: manufacturer >> 8)
    for index in 0..<4 { vector[2 + index] = UInt8(truncatingIfNeeded: identification >> UInt32(8 * index)) }
    (vector[6], vector[7]) = (version, medium)
    return vector
  }

  /// Its eight bytes, as in the vector of a cipher.
  func byte(_ index: Int) -> UInt8 {
    switch index {
    case 0, 1: UInt8(truncatingIfNeeded: manufacturer >> UInt16(8 * index))
    case 2...5: UInt8(truncatingIfNeeded: identification >> UInt32(8 * (index - 2)))
    case 6: version
    default: medium
    }
  }
}
