/// The fixed data structure behind CI 73, the least significant byte of each number first:
///
///     I I I I A S U V B B B B C C C C
///     I  identification: eight BCD digits
///     A  access number: counts the answers
///     S  status; bit 0: counters are binary, not BCD; bit 1: counters are of the fixed day
///     U  mmuuuuuu: the low two bits of the medium, the unit of the first counter
///     V  mmuuuuuu: the high two bits of the medium, the unit of the second counter
///     B  first counter: eight digits
///     C  second counter: eight digits
enum MBusFixedData {
  /// The exact number of bytes behind the CI field.
  static let length = 16

  /// Reads header and both counters; `start` is the byte behind the CI field.
  static func read(
    _ frame: Span<UInt8>, at start: Int, to end: Int, link: MBusHeader, into records: inout [MBusRecord]
  ) throws(DecodeError) -> MBusHeader {
    guard end - start == length else {
      throw DecodeError(.lengthMismatch, at: start, expected: length, found: end - start)
    }
    var reader = ByteReader(frame, at: start)
    let identification = UInt32(truncatingIfNeeded: try reader.littleEndian(4))
    let access = try reader.byte()
    let status = try reader.byte()
    let units = (try reader.byte(), try reader.byte())
    let header = MBusHeader(
      structure: .fixed, address: link.address, identification: identification, manufacturer: 0, version: 0,
      medium: MBusHeader.medium(ofFixedStructure: units.0 >> 6 | units.1 >> 4 & 0x0C), accessNumber: access,
      status: status, configuration: 0)
    let first = meaning(units.0 & 0x3F)
    var second = meaning(units.1 & 0x3F)
    var isHistory = status & 2 != 0
    records.append(
      try counter(&reader, first, codeAt: (start - 1, start + 6), isBinary: status & 1 != 0, isHistory: isHistory))
    if units.1 & 0x3F == likeTheFirst {
      second = first
      isHistory = true
    }
    records.append(
      try counter(&reader, second, codeAt: (start - 1, start + 7), isBinary: status & 1 != 0, isHistory: isHistory))
    return header
  }

  /// The code of a second counter with the first one's value on the fixed day.
  private static let likeTheFirst: UInt8 = 0x3E

  private static func counter(
    _ reader: inout ByteReader, _ meaning: VIFMeaning, codeAt: (Int, Int), isBinary: Bool, isHistory: Bool
  ) throws(DecodeError) -> MBusRecord {
    let start = reader.position
    let value = try MBusValueInformation(meaning).readValue(isBinary ? 4 : 12, &reader)
    // The structure lacks DIB and VIB. Its CI field and the unit stand for them, so that a counter without a name has a
    // code.
    return MBusRecord(
      value: value, function: .instantaneous, kind: .data, quantity: meaning.quantity, storage: isHistory ? 1 : 0,
      tariff: 0, subunit: 0, dib: ByteRange(from: codeAt.0, to: codeAt.0 + 1),
      vib: ByteRange(from: codeAt.1, to: codeAt.1 + 1),
      data: ByteRange(from: start, to: reader.position), unit: meaning.unit, phase: .none, quadrant: 0, modifiers: [])
  }

  /// The table of units, in blocks of rising powers of ten.
  private static func meaning(_ unit: UInt8) -> VIFMeaning {
    let code = Int(unit)
    return switch unit {
    case 0x02...0x0A: VIFMeaning(.energy, .wattHour, code - 0x02)
    case 0x0B...0x13: VIFMeaning(.energy, .joule, code - 0x0B + 3)
    case 0x14...0x1C: VIFMeaning(.power, .watt, code - 0x14)
    case 0x1D...0x25: VIFMeaning(.power, .joulePerHour, code - 0x1D + 3)
    case 0x26...0x2E: VIFMeaning(.volume, .cubicMetre, code - 0x26 - 6)
    case 0x2F...0x37: VIFMeaning(.volumeFlow, .cubicMetrePerHour, code - 0x2F - 6)
    case 0x38: VIFMeaning(.temperature, .celsius, -3)
    case 0x39: VIFMeaning(.heatCostUnits)
    case 0x3F: VIFMeaning(.dimensionless)
    default: VIFMeaning(.reserved)
    }
  }
}

extension MBusValueInformation {
  /// A meaning without a value information block.
  init(_ meaning: VIFMeaning) { self.meaning = meaning }
}
