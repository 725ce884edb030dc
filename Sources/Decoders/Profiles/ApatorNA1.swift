/// Apator NA-1, a radio module of water meters: access number, status, and a block enciphered as in security mode 5. Its key is
/// often sixteen zeros.
enum ApatorNA1 {
  static let layouts = [
    MakerLayout(["APA"], versions: [0x14], types: [0x07], informations: 0xA0...0xA1, .frame, .water, read)
  ]

  private static func read(_ reader: inout MakerReader) throws(DecodeError) {
    try reader.need(18)
    guard let cipher = reader.cipher, cipher.key != nil else { throw reader.message.error(.noKey) }
    var vector = WirelessCipher.Block(repeating: reader.data[0])
    for index in 0..<8 { vector[index] = reader.message.layers.address.byte(index) }
    var plain = Array(reader.data[2..<18])
    guard cipher.apply(.decipherChained, vector, to: &plain, 0..<16), plain[0] == 0x2F else {
      throw reader.message.error(.wrongKey)
    }
    reader.security = .chainedWithVector
    reader.isOpened = true
    let word = plain[1...4].reversed().reduce(Int64(0)) { $0 << 8 | Int64($1) }
    let power = Int8(word >> 4 & 3)
    reader.add(.volume, FixedDecimal((word >> 8) * 16 + (word & 15), exponent: power - 3), .cubicMetre)
  }
}
