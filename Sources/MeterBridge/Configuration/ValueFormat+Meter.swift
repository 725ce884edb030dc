internal import Base
internal import Decoders
internal import Meters

extension ValueFormat<ProtocolDescription> {
  static let meterProtocol = ValueFormat.choice(
    ProtocolDescription.configurable.map { ($0.name, $0) },
    alsoCalled: Dictionary(
      uniqueKeysWithValues: ProtocolDescription.configurable.flatMap { known in
        known.otherNames.map { ($0, known.name) }
      }))
}

extension ValueFormat<LineSettings> {
  static let line = ValueFormat("baud rate, data bits, parity and stop bits: `2400 8E1`") { text throws(InvalidValue) in
    let words = text.split(whereSeparator: { $0 == " " || $0 == "/" || $0 == "," })
    guard let first = words.first, let baud = Int(digits: String(first)) else {
      throw InvalidValue("is not a line setting: baud rate, data bits, parity and stop bits, such as `2400 8E1`")
    }
    guard LineSettings.baudRates.contains(baud) else {
      let rates = LineSettings.baudRates.map(String.init).joined(separator: ", ")
      throw InvalidValue("has an unknown baud rate; these work: \(rates)")
    }
    guard words.count == 2 else {
      throw InvalidValue("is not a line setting: write the bits too, such as `\(baud) 8E1` or `\(baud) 8N1`")
    }
    let frame = Array(words[1].utf8)
    let parities: [UInt8: LineSettings.Parity] = [0x4E: .none, 0x45: .even, 0x4F: .odd]
    guard frame.count == 3, let parity = parities[frame[1] & 0xDF], [0x37, 0x38].contains(frame[0]),
      [0x31, 0x32].contains(frame[2])
    else { throw InvalidValue("has unknown bits: 7 or 8, N, E or O, 1 or 2, such as `\(baud) 8E1`") }
    return LineSettings(
      baud: baud, dataBits: Int(frame[0] - 0x30), parity: parity, stopBits: Int(frame[2] - 0x30))
  }
}

extension ValueFormat<MBusAddress> {
  static let address = ValueFormat("0 to 250, or the 8 or 16 digits of a secondary address") {
    text throws(InvalidValue) in
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
    default: if let address = marked(text) { return address }
    }
    throw InvalidValue(
      "is not an M-Bus address: 0 to 250, or the 8 digits of the meter's number, or 16 digits: number, manufacturer, "
        + "version and medium, F for any digit")
  }

  /// `76348799.M=KAM.V=1b.T=16`: the number, and what narrows it.
  private static func marked(_ text: String) -> MBusAddress? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count > 1, parts[0].utf8.count == 8, let number = Hexadecimal.bytes(parts[0].utf8) else { return nil }
    var bytes = Array(number.reversed()) + [0xFF, 0xFF, 0xFF, 0xFF]
    for part in parts.dropFirst() {
      let value = Array(part.utf8.dropFirst(2))
      switch part.uppercased().prefix(2) {
      case "M=":
        guard value.count == 3, let code = MeterIdentity.manufacturer(value[0], value[1], value[2]) else { return nil }
        (bytes[4], bytes[5]) = (UInt8(code & 255), UInt8(code >> 8))
      case "V=", "T=":
        guard let byte = Hexadecimal.bytes(value), byte.count == 1 else { return nil }
        bytes[part.uppercased().hasPrefix("V") ? 6 : 7] = byte[0]
      default: return nil
      }
    }
    return .secondary(bytes)
  }

  private static func primary(_ number: Int) throws(InvalidValue) -> MBusAddress {
    switch number {
    case 0...250: return .primary(UInt8(number))
    case 253:
      throw InvalidValue("is not a meter's own address: it means the one selected; give its 8 or 16 digits instead")
    case 254: throw InvalidValue("asks every meter at once; for a single meter on the line leave `address` out")
    case 255: throw InvalidValue("is the address that no meter answers; meters have 0 to 250")
    default: throw InvalidValue("is not an address of a meter: 0 to 250")
    }
  }
}
