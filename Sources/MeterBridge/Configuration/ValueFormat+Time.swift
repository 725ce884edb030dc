internal import Base

extension ValueFormat<Milliseconds> {
  /// A whole number and its unit.
  static func duration(_ range: ClosedRange<Milliseconds>) -> ValueFormat {
    ValueFormat("a time such as `500ms`, `10s`, `15m`, `1h`") { text throws(InvalidValue) in
      let time = try parse(text)
      guard time >= range.lowerBound else { throw InvalidValue("is too short: at least \(range.lowerBound.written)") }
      guard time <= range.upperBound else { throw InvalidValue("is too long: at most \(range.upperBound.written)") }
      return time
    }
  }

  private static let units: [(name: String, length: Int64)] = [
    ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000),
  ]

  private static func parse(_ text: String) throws(InvalidValue) -> Milliseconds {
    let number = text.prefix { $0.isASCII && $0.isNumber }
    let unit = String(text.dropFirst(number.count).drop { $0 == " " })
    guard let count = Int64(digits: String(number)) else {
      throw InvalidValue("is not a length of time: a whole number and ms, s, m or h, such as `15m`")
    }
    if count == 0, unit.isEmpty { return 0 }
    guard let length = units.first(where: { $0.name == unit })?.length else {
      guard !unit.isEmpty else { throw InvalidValue("has no unit: `\(count)s` are seconds, `\(count)m` minutes") }
      throw InvalidValue(
        "is not a length of time: a whole number and ms, s, m or h\(Suggestion.question(meant(count, unit)))")
    }
    let (product, overflow) = count.multipliedReportingOverflow(by: length)
    return Milliseconds(overflow ? .max : product)
  }

  /// The units of other programs.
  private static func meant(_ count: Int64, _ unit: String) -> String? {
    switch unit.lowercased() {
    case "sec", "secs", "second", "seconds": return "\(count)s"
    case "min", "mins", "minute", "minutes": return "\(count)m"
    case "hr", "hrs", "hour", "hours", "h": return "\(count)h"
    case "d", "day", "days":
      let (hours, overflow) = count.multipliedReportingOverflow(by: 24)
      return overflow ? nil : "\(hours)h"
    default: return nil
    }
  }
}

extension Milliseconds {
  /// In the notation of the configuration, in the largest whole unit: `15m`.
  var written: String {
    if count % 3_600_000 == 0, count != 0 { return "\(count / 3_600_000)h" }
    if count % 60_000 == 0, count != 0 { return "\(count / 60_000)m" }
    return count % 1000 == 0 ? "\(count / 1000)s" : "\(count)ms"
  }
}

extension ValueFormat<Int16> {
  static let utcOffset = ValueFormat("hours and minutes east of UTC, such as `+01:00`") { text throws(InvalidValue) in
    let bytes = Array(text.utf8)
    guard bytes.count == 6, [0x2B, 0x2D].contains(bytes[0]), bytes[3] == 0x3A,
      let hours = Int(digits: String(decoding: bytes[1...2], as: UTF8.self)),
      let minutes = Int(digits: String(decoding: bytes[4...5], as: UTF8.self)), minutes < 60
    else {
      throw InvalidValue("is not an offset to UTC: sign, hours and minutes, such as `+01:00`")
    }
    let offset = (hours * 60 + minutes) * (bytes[0] == 0x2D ? -1 : 1)
    guard (-12 * 60...14 * 60).contains(offset) else {
      throw InvalidValue("is not an offset that exists: -12:00 to +14:00")
    }
    return Int16(offset)
  }
}
