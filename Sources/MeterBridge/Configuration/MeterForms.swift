internal import Base
internal import Decoders
internal import Meters
internal import Publishing

extension Form<ProtocolDescription> {
  static let meterProtocol = Form.choice(
    ProtocolDescription.all.map { ($0.name, $0) },
    alsoCalled: Dictionary(
      uniqueKeysWithValues: ProtocolDescription.all.flatMap { known in known.otherNames.map { ($0, known.name) } }))
}

extension Form<SourceAddress> {
  private static let known =
    "a device such as /dev/serial/by-id/…, tcp://HOST:PORT, http://HOST/PATH, file:PATH, or - for standard input"

  static let source = Form(
    "a device such as `/dev/serial/by-id/…`, `tcp://HOST:PORT`, `http://HOST/PATH`, `file:PATH`, or `-` for standard input"
  ) { text throws(Unfit) in
    if text == "-" { return .standardInput }
    if text.hasPrefix("/") { return .serial(path: try parsePath(text)) }
    if text.hasPrefix("file:") {
      let path = text.dropFirst("file:".count)
      return .file(path: try parsePath(String(path.hasPrefix("///") ? path.dropFirst(2) : path)))
    }
    if text.hasPrefix("tcp://") { return try tcp(text.dropFirst("tcp://".count)) }
    if let page = try HTTPSource(text) { return .http(page) }
    throw Unfit("is no source: \(known)\(Suggestion.question(meant(text)))")
  }

  /// `host:port`, with brackets around an IPv6 address.
  private static func tcp(_ text: Substring) throws(Unfit) -> SourceAddress {
    guard !text.contains("@") else { throw Unfit("is no source: a TCP source takes no user name or password") }
    guard let colon = text.lastIndex(of: ":"), !text.hasSuffix("]") else {
      throw Unfit("has no port: tcp://HOST:PORT, such as `tcp://\(text.prefix { $0 != "/" }):10001`")
    }
    guard let port = UInt16(digits: String(text[text.index(after: colon)...])), port > 0 else {
      throw Unfit("has no port number from 1 to 65535 at its end: tcp://HOST:PORT")
    }
    var host = String(text[..<colon])
    if host.hasPrefix("["), host.hasSuffix("]") {
      host = String(host.dropFirst().dropLast())
    } else if host.contains(":") {
      throw Unfit("is no source: an IPv6 address stands in brackets, as in `tcp://[::1]:10001`")
    }
    do {
      return .tcp(host: try parseHost(host).lowercased(), port: port)
    } catch {
      throw Unfit("has no name or address of a machine in it: tcp://HOST:PORT")
    }
  }

  private static func meant(_ text: String) -> String? {
    if text.hasPrefix("tty") || text.hasPrefix("serial/") { return "/dev/" + text }
    if text.hasPrefix("dev/") { return "/" + text }
    if let scheme = text.firstRange(of: "://") {
      let rest = text[scheme.upperBound...]
      return ["socket", "rfc2217", "telnet"].contains(text[..<scheme.lowerBound]) && !rest.contains("@")
        ? "tcp://" + rest : nil
    }
    let parts = text.split(separator: ":")
    return parts.count == 2 && UInt16(digits: String(parts[1])) != nil ? "tcp://" + text : nil
  }
}

extension Form<LineSettings> {
  static let line = Form("baud rate, data bits, parity and stop bits: `2400 8E1`") { text throws(Unfit) in
    let words = text.split(whereSeparator: { $0 == " " || $0 == "/" || $0 == "," })
    guard let first = words.first, let baud = Int(digits: String(first)) else {
      throw Unfit("is no line setting: baud rate, data bits, parity and stop bits, such as `2400 8E1`")
    }
    guard LineSettings.baudRates.contains(baud) else {
      let rates = LineSettings.baudRates.map(String.init).joined(separator: ", ")
      throw Unfit("has no baud rate that is known: \(rates)")
    }
    guard words.count == 2 else {
      throw Unfit("is no line setting: write the bits too, such as `\(baud) 8E1` or `\(baud) 8N1`")
    }
    let frame = Array(words[1].utf8)
    let parities: [UInt8: LineSettings.Parity] = [0x4E: .none, 0x45: .even, 0x4F: .odd]
    guard frame.count == 3, let parity = parities[frame[1] & 0xDF], [0x37, 0x38].contains(frame[0]),
      [0x31, 0x32].contains(frame[2])
    else { throw Unfit("has no bits that are known: 7 or 8, N, E or O, 1 or 2, such as `\(baud) 8E1`") }
    return LineSettings(
      baud: baud, dataBits: Int(frame[0] - 0x30), parity: parity, stopBits: Int(frame[2] - 0x30))
  }
}

extension Form<MBusAddress> {
  static let address = Form("0 to 250, or the 8 or 16 digits of a secondary address") { text throws(Unfit) in
    let digits = text.utf8.filter { $0 != 0x20 }
    switch digits.count {
    case 1...3:
      guard let number = Int(digits: String(decoding: digits, as: UTF8.self)) else { break }
      return try primary(number)
    case 8, 16:
      guard let bytes = Hexadecimal.bytes(digits) else { break }
      // The number is printed with its highest digits first and sent with its lowest; the rest stands as in the frame.
      let number = Array(bytes[..<4].reversed())
      let anyOther: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF]
      return .secondary(number + (bytes.count == 8 ? Array(bytes[4...]) : anyOther))
    default: break
    }
    throw Unfit(
      "is no M-Bus address: 0 to 250, or the 8 digits of the meter's number, or 16 digits: number, manufacturer, "
        + "version and medium, F for any digit")
  }

  private static func primary(_ number: Int) throws(Unfit) -> MBusAddress {
    switch number {
    case 0...250: return .primary(UInt8(number))
    case 253: throw Unfit("is not a meter's own address: it means the one selected; give its 8 or 16 digits instead")
    case 254: throw Unfit("asks every meter at once; for a single meter on the line leave `address` out")
    case 255: throw Unfit("is the address that no meter answers; meters have 0 to 250")
    default: throw Unfit("is no address of a meter: 0 to 250")
    }
  }
}

extension Form<Int16> {
  static let utcOffset = Form("hours and minutes east of UTC, such as `+01:00`") { text throws(Unfit) in
    let bytes = Array(text.utf8)
    guard bytes.count == 6, [0x2B, 0x2D].contains(bytes[0]), bytes[3] == 0x3A,
      let hours = Int(digits: String(decoding: bytes[1...2], as: UTF8.self)),
      let minutes = Int(digits: String(decoding: bytes[4...5], as: UTF8.self)), minutes < 60
    else {
      throw Unfit("is no offset to UTC: sign, hours and minutes, such as `+01:00`")
    }
    let offset = (hours * 60 + minutes) * (bytes[0] == 0x2D ? -1 : 1)
    guard (-12 * 60...14 * 60).contains(offset) else { throw Unfit("is no offset on earth: -12:00 to +14:00") }
    return Int16(offset)
  }
}

extension Form<FixedDecimal> {
  static let factor = positive(
    "a number above 0, such as `40` or `0.001`", called: "factor", zero: "it would make everything 0")
  /// An amount in the unit of the field that it is for.
  static let amount = positive(
    "a number above 0, such as `5` or `0.5`", called: "amount", zero: "leave the line out for none")

  private static func positive(_ described: String, called name: String, zero: String) -> Form {
    Form(described) { text throws(Unfit) in try parse(text, called: name, zero: zero) }
  }

  private static func parse(_ text: String, called name: String, zero: String) throws(Unfit) -> FixedDecimal {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    let decimals = parts.count == 2 ? parts[1].utf8.count : 0
    guard parts.count <= 2, parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(isDigit) }) else {
      let dotted = text.map { $0 == "," ? "." : $0 }
      let isNumber =
        dotted.count(where: { $0 == "." }) == 1 && dotted.allSatisfy { $0 == "." || ($0.isASCII && $0.isNumber) }
      throw Unfit(
        "is no \(name): a number above 0 in plain digits\(Suggestion.question(isNumber ? String(dotted) : nil))")
    }
    guard decimals <= 18, let mantissa = Int64(digits: parts.joined()) else {
      throw Unfit("has too many digits: at most 18")
    }
    guard mantissa > 0 else { throw Unfit("is no \(name): \(zero)") }
    return FixedDecimal(mantissa, exponent: Int8(-decimals))
  }
}

extension Form<FixedDecimal> {
  /// A power in watts.
  static let power = Form("a power such as `25kW` or `9000W`; a bare number is in kW") { text throws(Unfit) in
    let number = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    let unit = text.dropFirst(number.count).drop { $0 == " " }
    let powers: [Substring: Int8] = ["W": 0, "kW": 3, "MW": 6, "": 3, "VA": 0, "kVA": 3, "MVA": 6]
    guard let power = powers[unit], let value = FixedDecimal(plain: String(number)) else {
      let near = powers.keys.first { $0.lowercased() == unit.lowercased() }
      throw Unfit(
        "is no power: a number and W, kW or MW, such as `25kW`"
          + Suggestion.question(number.isEmpty ? nil : near.map { "\(number)\($0)" }))
    }
    guard value.mantissa > 0 else { throw Unfit("is too small: no register could ever rise") }
    guard value.isBelow(FixedDecimal(1, exponent: 12 - power)) else { throw Unfit("is too much: less than 1000 GW") }
    return value.scaled(by: power)
  }
}

extension Form<HomeAssistantSettings.Version> {
  static let homeAssistantVersion = Form("a version of Home Assistant, such as `2025.4`") { text throws(Unfit) in
    let parts = text.split(separator: ".", omittingEmptySubsequences: false).map { Int(digits: String($0)) }
    guard parts.count == 2, let year = parts[0], let month = parts[1], (2000...2999).contains(year),
      (1...12).contains(month)
    else { throw Unfit("is no version of Home Assistant: year and month, such as `2025.4`") }
    // The document of a whole device, which discovery is made of, came with this version.
    guard (year, month) >= (2024, 12) else { throw Unfit("is too old: device discovery came with 2024.12") }
    return HomeAssistantSettings.Version(year: year, month: month)
  }
}
