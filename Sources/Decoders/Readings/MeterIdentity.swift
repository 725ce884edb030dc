/// Who a reading is from. Numeric until printed; texts are places in the reading's `text`.
package struct MeterIdentity: Hashable, Sendable, BitwiseCopyable {
  /// The meter's own number.
  package enum Number: Hashable, Sendable, BitwiseCopyable {
    case none
    /// Eight hexadecimal digits (M-Bus identification, BCD in most meters).
    case hexadecimal(UInt32)
    /// A text, as P1 meters and customers' labels have it.
    case text(ByteRange)
  }

  /// What the meter is called.
  package enum Model: Hashable, Sendable, BitwiseCopyable {
    case none
    /// Known by its profile.
    case profile(Profile)
    /// As the telegram says it.
    case text(ByteRange)
  }

  /// The meter's own number.
  package var number: Number
  /// Three letters of the FLAG association, five bits each, as EN 13757-3 packs them; 0 for none.
  package var manufacturer: UInt16
  /// The maker's code in protocols that know no FLAG letters (ECHONET Lite); empty for none.
  package var maker = ByteRange()
  /// What the meter is called.
  package var model: Model
  /// What it measures.
  package var medium: Medium

  /// An identity.
  package init(number: Number = .none, manufacturer: UInt16 = 0, model: Model = .none, medium: Medium) {
    self.number = number
    self.manufacturer = manufacturer
    self.model = model
    self.medium = medium
  }

  /// The letters count from 1.
  private static let beforeA = UInt8(ascii: "A") - 1

  /// The three letters of a manufacturer code, nil where it is none.
  package static func letters(_ code: UInt16) -> String? {
    let letters = [code >> 10 & 31, code >> 5 & 31, code & 31]
    guard letters.allSatisfy({ (1...26).contains($0) }) else { return nil }
    return String(decoding: letters.map { UInt8(truncatingIfNeeded: $0) + Self.beforeA }, as: UTF8.self)
  }

  /// The code of three letters of either case, nil for anything else.
  package static func manufacturer(_ a: UInt8, _ b: UInt8, _ c: UInt8) -> UInt16? {
    var code: UInt16 = 0
    for letter in [a & 0xDF, b & 0xDF, c & 0xDF] {
      guard letter.isLetter else { return nil }
      code = code << 5 | UInt16(letter - beforeA)
    }
    return code
  }
}

/// What a meter measures, as users name it.
package enum Medium: UInt8, Sendable, BitwiseCopyable, CaseIterable {
  case electricity, gas, heat, cooling, water, wasteWater, heatCostAllocator, other

  /// As in topics and JSON.
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
