internal import Decoders

/// Writes one telegram of a customer port: identification, lines, end (IEC 62056-21 mode D as DSMR uses it).
struct P1Writer {
  /// The digits before and after the decimal point.
  struct Format: Sendable {
    var digits: Int
    var decimals: Int
    var unit: String

    init(_ digits: Int, _ decimals: Int, _ unit: String) {
      self.digits = digits
      self.decimals = decimals
      self.unit = unit
    }
  }

  private var bytes: [UInt8]

  /// Begins with `/`, the identification and an empty line.
  init(identification: String) { bytes = Array("/\(identification)\r\n\r\n".utf8) }

  /// A line with its brackets as they are.
  mutating func line(_ text: String) { bytes.append(contentsOf: "\(text)\r\n".utf8) }

  /// A line with a number. What the format has no decimals for is cut off, as registers do.
  ///
  /// - Parameters:
  ///   - code: before the bracket.
  ///   - thousandths: the value in thousandths of the unit.
  ///   - format: of the number.
  mutating func number(_ code: String, thousandths: Int64, _ format: Format) {
    line("\(code)(\(Self.number(thousandths: thousandths, format)))")
  }

  /// The whole telegram; meters before version 4 have no checksum.
  func finished(hasChecksum: Bool) -> [UInt8] {
    let body = bytes + [0x21]
    guard hasChecksum else { return body + [0x0D, 0x0A] }
    let checksum = String(CRC16.arc(body.span), width: 4, radix: 16, uppercase: true)
    return body + Array("\(checksum)\r\n".utf8)
  }

  /// `00.420*kW`.
  static func number(thousandths: Int64, _ format: Format) -> String {
    var value = thousandths.magnitude
    for _ in format.decimals..<3 { value /= 10 }
    let width = format.digits + format.decimals
    let digits = String(value, width: width).suffix(width)
    let whole = digits.prefix(format.digits)
    let point = format.decimals > 0 ? "." : ""
    return "\(thousandths < 0 ? "-" : "")\(whole)\(point)\(digits.suffix(format.decimals))*\(format.unit)"
  }

  /// `YYMMDDhhmmss`, with S or W where the protocol has it.
  static func time(_ second: Int64, _ clock: LocalClock, hasSeason: Bool = true) -> String {
    let time = clock.time(second)
    let fields = [time.year % 100, time.month, time.day, time.hour, time.minute, time.second]
    let season = clock.isSummer(second) ? "S" : "W"
    return fields.map { String($0, width: 2) }.joined() + (hasSeason ? season : "")
  }

  /// A number of a meter as its port prints it: the ASCII codes in hexadecimal.
  static func hexadecimal(_ text: String) -> String { Hexadecimal.text(text.utf8) }
}
