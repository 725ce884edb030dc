/// What bytes before an identification are: many optical heads send back what they got.
enum D0Echo: Equatable {
  case lineEnds
  /// Whole requests, `/?!` or `/#!`, with or without an address, and the NULs that wake a meter.
  case requests
  /// Something else, and whether a request is in it.
  case other(hasRequest: Bool)

  init(_ bytes: Span<UInt8>, _ range: Range<Int>) {
    var index = range.lowerBound
    var requests = 0
    var others = 0
    var nulls = 0
    while index < range.upperBound {
      let byte = bytes[index] & 0x7F
      if let end = Self.request(bytes, index..<range.upperBound) {
        requests += 1
        index = end
        continue
      }
      if byte == 0 { nulls += 1 } else if !byte.isLineEnd { others += 1 }
      index += 1
    }
    self =
      others > 0 || nulls > 0 && requests == 0 ? .other(hasRequest: requests > 0) : requests > 0 ? .requests : .lineEnds
  }

  /// The place behind the `!` of a request.
  private static func request(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int? {
    guard bytes[range.lowerBound] & 0x7F == UInt8(ascii: "/"), range.count > 2 else { return nil }
    let second = bytes[range.lowerBound + 1] & 0x7F
    guard second == UInt8(ascii: "?") || second == UInt8(ascii: "#") else { return nil }
    for index in range.dropFirst(2).prefix(40) {
      let byte = bytes[index] & 0x7F
      if byte == UInt8(ascii: "!") { return index + 1 }
      if byte < 0x20 { return nil }
    }
    return nil
  }
}
