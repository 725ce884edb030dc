/// The addresses on one bus: finds an earlier one to which the same meter could answer, without comparing all.
package struct MBusAddressIndex {
  /// A secondary address as bits, and which of them count.
  private struct Pattern {
    let bits: UInt64
    let mask: UInt64
    let place: Int

    init(_ address: [UInt8], place: Int) {
      var (bits, mask): (UInt64, UInt64) = (0, 0)
      for (index, byte) in address.prefix(8).enumerated() {
        let isNumber = index < 4
        // F stands for any digit of the number, FF for any byte of the rest.
        let high: UInt64 = isNumber ? (byte >> 4 == 15 ? 0 : 0xF0) : (byte == 0xFF ? 0 : 0xF0)
        let low: UInt64 = isNumber ? (byte & 15 == 15 ? 0 : 0x0F) : (byte == 0xFF ? 0 : 0x0F)
        bits = bits << 8 | UInt64(byte)
        mask = mask << 8 | high | low
      }
      (self.bits, self.mask, self.place) = (bits, mask, place)
    }

    func overlaps(_ other: Pattern) -> Bool { (bits ^ other.bits) & mask & other.mask == 0 }

    /// Nil if a digit of it is a wildcard.
    var number: UInt32? { mask >> 32 == 0xFFFF_FFFF ? UInt32(truncatingIfNeeded: bits >> 32) : nil }
  }

  private var primary: [UInt8: Int] = [:]
  private var all: [Pattern] = []
  /// Addresses with a whole number.
  private var numbered: [UInt32: [Pattern]] = [:]
  private var others: [Pattern] = []

  package init() {}

  /// Adds an address. Returns the place of the first one before it that overlaps.
  ///
  /// Whether one meter answers to a primary and a secondary address is unknown, so such a pair does not overlap.
  package mutating func insert(_ address: MBusAddress, at place: Int) -> Int? {
    switch address {
    case .primary(let number):
      guard let before = primary[number] else {
        primary[number] = place
        return nil
      }
      return before
    case .secondary(let bytes):
      let pattern = Pattern(bytes, place: place)
      defer { add(pattern) }
      guard let number = pattern.number else { return all.first { $0.overlaps(pattern) }?.place }
      let same = numbered[number]?.first { $0.overlaps(pattern) }?.place
      let wild = others.first { $0.overlaps(pattern) }?.place
      return [same, wild].compactMap(\.self).min()
    }
  }

  private mutating func add(_ pattern: Pattern) {
    all.append(pattern)
    if let number = pattern.number {
      numbered[number, default: []].append(pattern)
    } else {
      others.append(pattern)
    }
  }
}
