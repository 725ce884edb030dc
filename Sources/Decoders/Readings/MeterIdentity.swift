/// The meter of a reading. Numbers become text only when printed; texts are places in the reading's `text`.
package struct MeterIdentity: Hashable, Sendable, BitwiseCopyable {
  package enum Number: Hashable, Sendable, BitwiseCopyable {
    case none
    /// Eight hexadecimal digits (M-Bus identification, BCD in most meters).
    case hexadecimal(UInt32)
    /// A text, as P1 meters and customers' labels have it.
    case text(ByteRange)
  }

  package enum Model: Hashable, Sendable, BitwiseCopyable {
    case none
    case profile(Profile)
    /// The text in the telegram.
    case text(ByteRange)
  }

  /// The meter's own number.
  package var number: Number
  /// The place of the number in the telegram, as the protocol ranks it: a meter may tell one number in some telegrams, and
  /// another one, such as the title of its cipher, in the rest. 0 for a header or a title.
  package var numberRank: UInt8 = 0
  /// Three letters of the FLAG association, five bits each, as EN 13757-3 packs them; 0 if unknown.
  package var manufacturer: UInt16
  /// The maker's code in protocols without FLAG letters (ECHONET Lite); empty if unknown.
  package var maker = ByteRange()
  package var model: Model
  package var medium: Medium

  package init(number: Number = .none, manufacturer: UInt16 = 0, model: Model = .none, medium: Medium) {
    self.number = number
    self.manufacturer = manufacturer
    self.model = model
    self.medium = medium
  }

  /// The letters count from 1.
  private static let beforeA = UInt8(ascii: "A") - 1

  /// The three letters of a manufacturer code; nil if it does not contain letters.
  package static func letters(_ code: UInt16) -> String? {
    let letters = [code >> 10 & 31, code >> 5 & 31, code & 31]
    guard letters.allSatisfy({ (1...26).contains($0) }) else { return nil }
    return String(decoding: letters.map { UInt8(truncatingIfNeeded: $0) + Self.beforeA }, as: UTF8.self)
  }

  /// The code of three letters of either case; nil for other characters.
  package static func manufacturer(_ a: UInt8, _ b: UInt8, _ c: UInt8) -> UInt16? {
    let (a, b, c) = (a & 0xDF, b & 0xDF, c & 0xDF)
    guard a.isLetter, b.isLetter, c.isLetter else { return nil }
    return UInt16(a &- beforeA) << 10 | UInt16(b &- beforeA) << 5 | UInt16(c &- beforeA)
  }
}

/// The thing that a meter measures, as users name it.
package enum Medium: UInt8, Sendable, BitwiseCopyable, CaseIterable {
  case electricity, gas, heat, cooling, water, wasteWater, heatCostAllocator, other

  /// The name in topics and JSON.
  package var name: String {
    switch self {
    case .electricity: "electricity"
    case .gas: "gas"
    case .heat: "heat"
    case .cooling: "cooling"
    case .water: "water"
    case .wasteWater: "waste_water"
    case .heatCostAllocator: "heat_cost_allocator"
    case .other: "other"
    }
  }
}
