/// Apator 162, a water meter: registers with a code before each, and a check value over all of it.
///
///     0F S S S S S S S  r d…  r d…  … FF FF C C
///     0F  mark, in older meters 80
///     S   status
///     r   code of a register, d its data
///     C   check value, the high byte first
enum Apator162 {
  static let layouts = [
    MakerLayout(["APA", "APT"], versions: [0x05], types: [0x06, 0x07], informations: 0x7A...0x7A, .body, .water, read)
  ]

  private static let totalCode: UInt8 = 0x10
  private static let firstRegister = 8

  /// Bytes behind a code: pairs of a code and a count, for the codes without a rule.
  private static let counts: [UInt8: Int] = [
    0x00: 4, 0x01: 3, 0x10: 4, 0x11: 2, 0x40: 6, 0x41: 2, 0x42: 4, 0x43: 2, 0x44: 3, 0x80: 10, 0x81: 10, 0x82: 10,
    0x83: 10, 0x84: 10, 0x85: 11, 0x86: 10, 0x87: 10, 0x88: 11, 0x8A: 9, 0x8B: 6, 0x8C: 6, 0x8E: 7, 0x8F: 11,
    0xA0: 4, 0xA1: 4, 0xA2: 1, 0xA3: 7, 0xA4: 4, 0xA5: 1, 0xA6: 3, 0xA7: 2, 0xA8: 2, 0xA9: 1, 0xAA: 2, 0xAB: 2,
    0xAC: 2, 0xAD: 2, 0xAF: 1, 0xB0: 5, 0xB1: 8, 0xB2: 16, 0xB3: 8, 0xB4: 2, 0xB5: 16, 0xD0: 3, 0xD3: 3, 0xF0: 4,
  ]

  private static func count(of code: UInt8) -> Int? {
    switch code {
    case 0x71...0x7C: 1 + 4 * (Int(code & 15) + 1)
    case 0xB6...0xBF, 0xC0...0xC7: 3
    default: counts[code]
    }
  }

  private static func read(_ reader: inout MakerReader) throws(DecodeError) {
    let data = Array(reader.data.drop { $0 == 0x2F })
    let start = reader.message.bytes.count - data.count
    guard let mark = data.first, mark == 0x0F || mark == 0x80, data.count > firstRegister + 2 else {
      throw DecodeError(.makerFrame, at: start, found: 0x7A)
    }
    let end = data.count - 2
    let check = Int(data[end]) << 8 | Int(data[end + 1])
    let found = Int(CRC16.en13757(data.span, 0..<end))
    if check != found {
      reader.issues.append(DecodeError(.checksumMismatch, at: start + end, expected: check, found: found))
    }
    var position = firstRegister
    while position < end, data[position] != 0xFF {
      let code = data[position]
      guard let count = count(of: code) else {
        reader.issues.append(DecodeError(.badRecord, at: start + position, found: Int(code)))
        return
      }
      guard position + 1 + count <= end else {
        reader.issues.append(
          DecodeError(.truncated, at: start + position, expected: count, found: end - position - 1))
        return
      }
      if code == totalCode {
        let litres = data[position + 1...position + 4].reversed().reduce(Int64(0)) { $0 << 8 | Int64($1) }
        reader.add(.volume, FixedDecimal(litres, exponent: -3), .cubicMetre)
      }
      position += 1 + count
    }
  }
}
