/// Errors that name meters. `expected` and `found` are primary addresses (`offset` 5) or the 16 digits of secondary
/// addresses as in the configuration (`offset` 7), with F for the digits that are not known.
extension DecodeError {
  private static let placeOfAddress = 5
  private static let placeOfIdentity = 7

  /// The answer of primary address `found` to a request for `asked`.
  package static func otherMeter(asked: UInt8, found: UInt8) -> DecodeError {
    DecodeError(.otherMeter, at: placeOfAddress, expected: Int(asked), found: Int(found))
  }

  /// The answer of the meter `found` to a request for `asked`, both in the order of the select frame.
  package static func otherMeter(asked: [UInt8], found: [UInt8]) -> DecodeError {
    DecodeError(.otherMeter, at: placeOfIdentity, expected: packed(asked), found: packed(found))
  }

  /// The answers of two meters to one request.
  package static func severalMeters(_ one: MBusSender, _ other: MBusSender) -> DecodeError {
    DecodeError(.severalMeters, at: placeOfIdentity, expected: packed(one.identity), found: packed(other.identity))
  }

  private static func packed(_ identity: [UInt8]) -> Int {
    let whole = identity.prefix(8) + Array(repeating: 0xFF, count: max(0, 8 - identity.count))
    let digits = (whole.prefix(4).reversed() + whole.dropFirst(4)).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return Int(bitPattern: UInt(digits))
  }

  var otherMeterText: String {
    guard offset == Self.placeOfIdentity else {
      return "the answer of address \(found) to a request for address \(expected); do two meters share an address?"
    }
    let (asked, sender) = addresses
    return "the answer of meter \(sender), but `address` names \(asked); if \(sender) is right, put that there"
  }

  var severalMetersText: String {
    let (one, other) = addresses
    return "meters \(one) and \(other) answer at once; give each its secondary address: `address: \(one)`"
  }

  /// As in the configuration: 8 digits if they tell the two meters apart, else 16.
  private var addresses: (String, String) {
    let (one, other) = (Self.digits(expected), Self.digits(found))
    let numbers = (one.prefix(8), other.prefix(8))
    let areEnough = numbers.0 != numbers.1 && !numbers.0.contains("F") && !numbers.1.contains("F")
    return areEnough ? (String(numbers.0), String(numbers.1)) : (one, other)
  }

  private static func digits(_ packed: Int) -> String {
    let digits = String(UInt(bitPattern: packed), radix: 16, uppercase: true)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
