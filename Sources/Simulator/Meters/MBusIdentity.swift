internal import Decoders

/// What an M-Bus meter is called: the secondary address (EN 13757-3, clause 5.4).
struct MBusIdentity: Equatable, Sendable {
  /// Eight digits, BCD.
  var identification: UInt32
  /// Three letters packed.
  var manufacturer: UInt16
  var version: UInt8
  var medium: UInt8

  /// The eight bytes as they stand in header and select frame.
  var bytes: [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: identification >> (8 * UInt32($0))) }
      + [UInt8(truncatingIfNeeded: manufacturer), UInt8(truncatingIfNeeded: manufacturer >> 8), version, medium]
  }

  /// The number of a meter that comes so many after this one.
  static func following(_ identification: UInt32, by ordinal: Int) -> UInt32 {
    let digits = String(identification, radix: 16)
    let number = ((Int(digits) ?? 0) + ordinal) % 100_000_000
    return UInt32(String(number), radix: 16) ?? identification
  }

  /// The number as it stands on the plate.
  var serial: String { String(identification, width: 8, radix: 16, uppercase: true) }

  /// The secondary address as in the configuration, 16 digits.
  var address: String { serial + Hexadecimal.text(Array(bytes.dropFirst(4))) }

  /// Whether the eight bytes of a select frame mean this meter. Digits F, manufacturer FFFF, version FF and medium FF
  /// mean any.
  func matches(_ mask: [UInt8]) -> Bool {
    guard mask.count == 8 else { return false }
    let own = bytes
    let makerMatches = mask[4...5].allSatisfy { $0 == 0xFF } || mask[4...5] == own[4...5]
    return Self.digitsMatch(identification, mask) && makerMatches
      && (6..<8).allSatisfy { mask[$0] == 0xFF || mask[$0] == own[$0] }
  }

  /// Whether the first four bytes of a mask, lowest digits first, mean a number of eight digits.
  static func digitsMatch(_ number: UInt32, _ mask: [UInt8]) -> Bool {
    (0..<8).allSatisfy { place in
      let digit = mask[place / 2] >> (place % 2 * 4) & 15
      return digit == 15 || UInt32(digit) == number >> (UInt32(place) * 4) & 15
    }
  }
}
