/// The cipher of Diehl's radio telegrams: a linear feedback shift register of 32 bits that starts from key and frame.
///
/// Source: drivers izar and sharky of wmbusmeters. Two keys are the same in all meters unless a supplier asks for his own; they
/// are public.
enum DiehlCipher {
  /// The makers with this cipher, as codes: DME, EWT, HYD, SAP and SPL.
  private static let makers: [UInt16] = ["DME", "EWT", "HYD", "SAP", "SPL"].map(MBusHeaders.code)
  private static let sappel = MBusHeaders.code("SAP")
  private static let knownKeys: [[UInt8]] = [
    [0x39, 0xBC, 0x8A, 0x10, 0xE6, 0x6D, 0x83, 0xF8], openKey,
  ]
  /// Also twice, as the key of security mode 5.
  static let openKey: [UInt8] = [0x51, 0x72, 0x89, 0x10, 0xE6, 0x6D, 0x83, 0xF8]
  /// The first plain byte of a frame without records (PRIOS).
  static let mark: UInt8 = 0x4B
  /// The first enciphered byte.
  static let start = 15
  /// The bits of the byte before it that have the sum of the plain ones.
  static let sumMask: UInt8 = 0xEF

  static func isSappel(_ bytes: Span<UInt8>) -> Bool { WirelessAddress(bytes, at: 2).manufacturer & 0x7FFF == sappel }

  static func isMaker(_ code: UInt16) -> Bool { makers.contains(code & 0x7FFF) }

  /// The address of a frame whose maker turns it: version and medium stand before the number. Sappel puts two more bytes
  /// of the number there.
  static func turned(_ bytes: Span<UInt8>) -> WirelessAddress {
    var address = WirelessAddress(bytes, at: 2)
    if address.manufacturer & 0x7FFF == sappel {
      (address.version, address.medium) = (0, 0x07)
    } else {
      (address.version, address.medium) = (bytes[4], bytes[5])
      address.identification = 0
      for index in (6...9).reversed() { address.identification = address.identification << 8 | UInt32(bytes[index]) }
    }
    return address
  }

  /// What the first key makes of a frame that `isPlain` accepts; nil if none does. Of the meter's key only the first half
  /// counts; without one the public keys are tried.
  static func open(
    _ bytes: [UInt8], key: [UInt8]?, isPlain: (ArraySlice<UInt8>) -> Bool
  ) -> (bytes: [UInt8], key: [UInt8])? {
    for key in key.map({ [Array($0.prefix(8))] }) ?? knownKeys {
      let opened = decipher(bytes, key)
      if isPlain(opened[start...]) { return (opened, key) }
    }
    return nil
  }

  /// Whether the bytes behind the header of a frame are plain records: the header has their sum, but for one bit.
  ///
  /// The sum alone proves little: of other bytes one in 128 has it, and one in eight of those reads as records. So the first
  /// record must be a total, or the clock.
  static func areRecords(_ plain: ArraySlice<UInt8>, of frame: [UInt8]) -> Bool {
    guard plain.count > 2, plain.reduce(0, &+) & sumMask == frame[start - 1] & sumMask else { return false }
    let (data, value) = (plain[plain.startIndex], plain[plain.startIndex + 1])
    guard data < 0x10, ![0x00, 0x05, 0x08, 0x0D, 0x0F].contains(data), value < 0x80 else { return false }
    return [.energy, .volume, .dateTime].contains(VIFMeaning.primary(value).quantity)
  }

  /// Deciphers a frame, or enciphers a plain one.
  static func decipher(_ bytes: [UInt8], _ key: [UInt8]) -> [UInt8] {
    var opened = bytes
    var register = word(key, 0) ^ word(key, 4)
    for place in [2, 6, 10] { register ^= word(bytes, place) }
    for index in start..<bytes.count {
      for _ in 0..<8 {
        let bit = (register >> 1 ^ register >> 2 ^ register >> 11 ^ register >> 31) & 1
        register = register << 1 | bit
      }
      opened[index] ^= UInt8(truncatingIfNeeded: register)
    }
    return opened
  }

  private static func word(_ bytes: [UInt8], _ start: Int) -> UInt32 {
    bytes[start..<start + 4].reduce(0) { $0 << 8 | UInt32($1) }
  }
}
