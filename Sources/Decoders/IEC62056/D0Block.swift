/// The check of a data block: BCC over the characters behind STX up to ETX, seven bits each (IEC 62056-21, 6.3.9).
enum D0Block {
  static let stx: UInt8 = 0x02
  static let etx: UInt8 = 0x03

  /// Whether the check character fits a range from behind STX to ETX. Kamstrup's older meters add instead (MULTICAL 401,
  /// technical description): with `takesSum` the sum counts too.
  static func fits(_ bytes: Span<UInt8>, _ range: Range<Int>, check: UInt8, takesSum: () -> Bool) -> Bool {
    let block = bytes.extracting(range)
    return exclusiveOr(block) == check & 0x7F || takesSum() && sum(block) == check & 0x7F
  }

  static func exclusiveOr(_ block: Span<UInt8>) -> UInt8 {
    var check: UInt8 = 0
    for index in block.indices { check ^= block[index] }
    return check & 0x7F
  }

  static func sum(_ block: Span<UInt8>) -> UInt8 {
    var check: UInt8 = 0
    for index in block.indices { check &+= block[index] & 0x7F }
    return check & 0x7F
  }

  /// Whether a telegram is of a meter that may add: `/KAM`.
  static func takesSum(_ telegram: Span<UInt8>) -> Bool {
    let maker: [UInt8] = Array("KAM".utf8)
    guard telegram.count > 3 else { return false }
    for index in maker.indices where telegram[index + 1] & 0x5F != maker[index] { return false }
    return true
  }

  /// What stands in bit 7 of some bytes.
  enum HighBits {
    case none
    /// Even parity of every byte: 7E1 that was read as 8N1.
    case parity
    /// Neither: the first such byte, and how many there are.
    case damage(at: Int, count: Int)
  }

  static func highBits(_ bytes: Span<UInt8>) -> HighBits {
    var all: UInt8 = 0
    for index in bytes.indices { all |= bytes[index] }
    return all < 0x80 ? .none : parity(bytes)
  }

  @inline(never)
  private static func parity(_ bytes: Span<UInt8>) -> HighBits {
    var first: Int?
    var count = 0
    for index in bytes.indices where bytes[index].nonzeroBitCount % 2 != 0 {
      first = first ?? index
      count += 1
    }
    return first.map { .damage(at: $0, count: count) } ?? .parity
  }
}
