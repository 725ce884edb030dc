/// The formats of compact frames (EN 13757-3, annex on compact profiles; sent by Kamstrup): the DIBs and VIBs of a full frame
/// by the check value over them, which a compact frame has in place of them.
struct CompactFormats: Sendable {
  /// Formats that are learnt at most, and their bytes.
  static let limit = 256
  static let longest = 250

  /// Learnt from full frames and from format frames.
  private var learnt: [UInt16: [UInt8]] = [:]
  /// The check value of the last full frame: a meter's frames have few formats.
  private var last: UInt16?

  /// Formats of Kamstrup's meters (driver tables of wmbusmeters), so that a first compact frame does not have to wait.
  static let builtIn: [UInt16: [UInt8]] = {
    var formats: [UInt16: [UInt8]] = [:]
    for text in builtInTexts {
      guard let bytes = Hexadecimal.bytes(text.description.utf8) else { continue }
      formats[signature(bytes.span)] = bytes
    }
    return formats
  }()

  private static let builtInTexts: [StaticString] = [
    // Water.
    "02FF2004134413615B6167", "02FF2004134413", "02FF2004134413615B5167", "02FF20041392013BA1015B8101E7FF0F",
    "02FF2004134413A1015B8101E7FF0F", "02FF200413523B", "02FF2004134413426C523B615B616751678101E7FF0F06FF1B",
    "04FF234413523B06FF1B426C61675167023B04138101E7FF0F",
    "04FF2304413413426C023B92013BA2013B06FF1BA1015B91015BA10167",
    // Heat and cooling.
    "030643060314426C022D01FF21", "030E430E0313426C022D01FF21",
    "040604FF0704FF080414043B0259025D04FF22026C44064414426C",
    "0406041404FF0704FF080259025D023B02FF22026C44064414426C",
    "040F04FF0704FF08041484401484804014043B0259025D142D84100F84200F04FF22026C440F4414C44014C4804014426C",
    "02F9FF15040604EEFF0704EEFF0804148440148480401402FD17026C426C44064414C44014C4804014043B0259025D",
    // Pressure, electricity, and water of Engelmann.
    "22691269026905FF0905FF0A02FD17", "040404843C042B04AB3C", "040504FB827504853C04FB82F53C01FD17",
    "426C441301FD17840113C40113840213C40213840313C40313840413C40413840513C40513840613C40613840713C40713840813046D0413",
  ]

  /// The check value over a format.
  static func signature(_ format: Span<UInt8>) -> UInt16 { CRC16.en13757(format, 0..<format.count) }

  /// The format of a signature; nil if no full frame has shown it.
  func format(_ signature: UInt16) -> [UInt8]? { learnt[signature] ?? Self.builtIn[signature] }

  /// Learns the format of a full frame. One with bytes of the maker's own has none.
  mutating func learn(_ records: [MBusRecord], _ bytes: Span<UInt8>) {
    var signature: UInt16 = 0xFFFF
    for record in records {
      guard record.kind == .data, record.quantity != .plainText else { return }
      // The VIB follows the DIB.
      let start = Int(record.dib.start)
      signature = CRC16.en13757(bytes, start..<Int(record.data.start), after: signature)
    }
    guard signature != last else { return }
    last = signature
    guard format(signature) == nil else { return }
    var format: [UInt8] = []
    for record in records {
      format.append(bytes.extracting(record.dib.indices))
      format.append(bytes.extracting(record.vib.indices))
    }
    learn(format)
  }

  /// Those that were learnt, in order of their signatures.
  var all: [[UInt8]] { learnt.sorted { $0.key < $1.key }.map(\.value) }

  /// Learns a format. Bytes that are not DIBs and VIBs are left out.
  mutating func learn(_ format: [UInt8]) {
    let signature = Self.signature(format.span)
    guard Self.isFormat(format), learnt.count < Self.limit, self.format(signature) == nil else { return }
    learnt[signature] = format
  }

  /// Whether some bytes are whole DIBs and VIBs of data records.
  private static func isFormat(_ format: [UInt8]) -> Bool {
    guard !format.isEmpty, format.count <= longest else { return false }
    var index = 0
    while index < format.count {
      // DIF 0F to 7F of the special functions, and a VIF whose unit is a text, are in no format.
      guard format[index] & 15 != 15 else { return false }
      for isVIF in [false, true] {
        guard index < format.count, !isVIF || format[index] & 0x7F != 0x7C else { return false }
        while index < format.count, format[index] & 0x80 != 0 { index += 1 }
        index += 1
      }
    }
    return index == format.count
  }

  /// The records of a full frame, from a format and the values of a compact frame.
  ///
  /// Throws `truncated` if values are missing, and `formatMismatch` unless the full frame's check value is `check`.
  static func expand(
    _ format: [UInt8], _ bytes: Span<UInt8>, _ values: Range<Int>, check: UInt16
  ) throws(DecodeError) -> [UInt8] {
    var records: [UInt8] = []
    records.reserveCapacity(format.count + values.count)
    var position = values.lowerBound
    var index = 0
    while index < format.count {
      let dif = format[index]
      for _ in 0..<2 {
        // DIF or VIF with what its top bit announces.
        while index < format.count {
          records.append(format[index])
          index += 1
          if format[index - 1] & 0x80 == 0 { break }
        }
      }
      let count = try dataCount(dif, bytes, at: position, to: values.upperBound)
      guard position + count <= values.upperBound else {
        throw DecodeError(
          .truncated, at: values.upperBound, expected: count, found: values.upperBound - position)
      }
      records.append(bytes.extracting(position..<position + count))
      position += count
    }
    let found = CRC16.en13757(records.span, 0..<records.count)
    guard found == check, (position..<values.upperBound).allSatisfy({ bytes[$0] == 0x2F }) else {
      throw DecodeError(.formatMismatch, at: values.lowerBound, expected: Int(check), found: Int(found))
    }
    return records
  }

  /// Bytes of data by the low four bits of a DIF, with the length byte of data of variable length.
  private static func dataCount(
    _ dif: UInt8, _ bytes: Span<UInt8>, at position: Int, to end: Int
  ) throws(DecodeError) -> Int {
    switch dif & 15 {
    case 0, 8, 15: return 0
    case 1...4: return Int(dif & 15)
    case 5: return 4
    case 6: return 6
    case 7: return 8
    case 14: return 6
    case 13:
      guard position < end else { throw DecodeError(.truncated, at: end, expected: 1) }
      return 1 + (try MBusValueInformation.variableCount(bytes[position], at: position))
    default: return Int(dif & 15) - 8
    }
  }
}
