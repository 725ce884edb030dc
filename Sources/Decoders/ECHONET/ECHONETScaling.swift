/// The value of one count of a meter's energy registers: coefficient (D3) times unit (E1).
///
/// A meter without D3 has the coefficient 1. A missing answer does not prove that: an overloaded meter also refuses
/// properties that it has. So the coefficient counts as 1 in three cases only. The property map leaves D3 out. Or the map
/// is unknown, and the meter refuses D3 alone in a frame that gives others. Or it refuses D3 three times in a row.
package struct ECHONETScaling: Hashable, Sendable {
  private enum Coefficient: Hashable, Sendable {
    case unknown(refusals: Int)
    case missing
    case number(UInt32)
  }

  /// The property that holds the coefficient.
  package static let coefficientCode: UInt8 = 0xD3
  /// The property that holds the unit.
  package static let unitCode: UInt8 = 0xE1
  private static let mapCode: UInt8 = 0x9F
  private static let refusalsThatCount = 3

  /// Power of ten of a kilowatt-hour.
  private var exponent: Int8?
  private var coefficient = Coefficient.unknown(refusals: 0)
  private var mapHasCoefficient: Bool?

  /// - Parameters:
  ///   - unit: The meter's E1; nil where it is unknown.
  ///   - coefficient: The meter's D3; nil where it is unknown. Only the meter tells that it has none.
  package init(unit: UInt8? = nil, coefficient: UInt32? = nil) {
    exponent = unit.flatMap(Self.exponent)
    if let coefficient { take(coefficient: coefficient) }
  }

  /// Whether energies have a value.
  package var isKnown: Bool { exponent != nil && multiplier != nil }

  private var multiplier: Int64? {
    switch coefficient {
    case .unknown: nil
    case .missing: 1
    case .number(let number): Int64(number)
    }
  }

  /// The power of ten of a code of E1; nil for an unknown code.
  static func exponent(_ code: UInt8) -> Int8? {
    switch code {
    case 0x00...0x04: -Int8(code)
    case 0x0A...0x0D: Int8(code) - 9
    default: nil
    }
  }

  /// Nil for a coefficient out of range. A coefficient of 0 would make every energy 0.
  static func coefficient(_ number: UInt32) -> UInt32? { (1...999_999).contains(number) ? number : nil }

  /// An energy in kWh, or the reason for its absence.
  func energy(_ count: UInt32) -> ECHONETRecord.Amount {
    if count == 0xFFFF_FFFE { return .absent(.noData) }
    guard count <= 99_999_999 else { return .absent(.outOfRange) }
    guard let exponent else { return .absent(.unitUnknown) }
    guard let multiplier else { return .absent(.coefficientUnknown) }
    return .number(FixedDecimal(Int64(count) * multiplier, exponent: exponent))
  }

  /// Notes unit and coefficient in a frame of the meter.
  package mutating func observe(_ frame: ECHONETFrame, _ bytes: Span<UInt8>) {
    guard frame.source.isMeter, frame.service.carriesValues else { return }
    for property in frame.properties {
      let data = property.data
      switch (property.code, data.count) {
      case (Self.mapCode, 1...):
        guard let codes = ECHONETPropertyMap.codes(bytes.extracting(data.indices)) else { continue }
        mapHasCoefficient = codes.contains(Self.coefficientCode)
      case (Self.unitCode, 1): exponent = Self.exponent(bytes[Int(data.start)]) ?? exponent
      case (Self.coefficientCode, 4): take(coefficient: UInt32(truncatingIfNeeded: bytes.bigEndian(data)))
      case (Self.coefficientCode, 0) where frame.service == .getRefused:
        refused(amongOthers: frame.properties.contains { !$0.data.isEmpty })
      default: continue
      }
    }
    if mapHasCoefficient == false, case .unknown = coefficient { coefficient = .missing }
  }

  private mutating func take(coefficient number: UInt32) {
    if let number = Self.coefficient(number) { coefficient = .number(number) }
  }

  private mutating func refused(amongOthers: Bool) {
    guard case .unknown(let refusals) = coefficient, mapHasCoefficient != true else { return }
    let isMissing = amongOthers || refusals + 1 >= Self.refusalsThatCount
    coefficient = isMissing ? .missing : .unknown(refusals: refusals + 1)
  }
}

extension Span<UInt8> {
  /// The bytes of a place as an unsigned number, most significant first; only the last eight count.
  func bigEndian(_ range: ByteRange) -> UInt64 {
    var value: UInt64 = 0
    for index in range.indices { value = value &<< 8 | UInt64(self[index]) }
    return value
  }
}
