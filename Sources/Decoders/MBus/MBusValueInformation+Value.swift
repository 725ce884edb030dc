extension MBusValueInformation {
  /// Reads the data that the low four bits of a DIF announce. It steps over the data even without a value.
  func readValue(_ coding: UInt8, _ reader: inout ByteReader) throws(DecodeError) -> MBusRecord.Value {
    let start = reader.position
    if coding == 13 {
      let (value, end) = try readVariable(reader.bytes, at: start)
      _ = try reader.skip(end &- start)
      return value
    }
    let count = Int(truncatingIfNeeded: Self.counts &>> (4 &* UInt64(coding)) & 15)
    let raw = try reader.littleEndian(count)
    if let absence { return .absent(absence) }
    return count == 0 ? .absent(.noData) : fixedValue(coding, raw, count, at: start)
  }

  /// The value of data of fixed length, that is not empty.
  @inline(never)
  func fixedValue(_ coding: UInt8, _ raw: UInt64, _ count: Int, at start: Int) -> MBusRecord.Value {
    if coding == 5 { return float(UInt32(truncatingIfNeeded: raw)) }
    if coding < 8 { return integer(raw, count, at: start) }
    if coding == 14, meaning.shape == .time { return MBusTime.decimal(raw) }
    return meaning.shape == .digits ? digits(raw, count, at: start) : decimal(raw, count)
  }

  /// The number of bytes of each coding, four bits each, the first one lowest: a switch takes longer.
  static let counts: UInt64 = 0x0604_3210_8644_3210

  /// Two's complement, or plain binary for quantities without a sign.
  @inline(__always)
  private func integer(_ raw: UInt64, _ count: Int, at start: Int) -> MBusRecord.Value {
    switch meaning.shape {
    case .time: return MBusTime.value(raw, count, at: start)
    case .opaque: return .bytes(ByteRange(from: start, to: start &+ count))
    case .unsigned, .digits:
      guard let value = Int64(exactly: raw) else { return .bytes(ByteRange(from: start, to: start &+ count)) }
      return number(value)
    case .signed:
      let shift = UInt64(truncatingIfNeeded: 64 &- 8 &* count)
      return number(Int64(bitPattern: raw &<< shift) &>> Int64(shift))
    }
  }

  @inline(__always)
  private func number(_ mantissa: Int64, _ exponent: Int8 = 0) -> MBusRecord.Value {
    let value = FixedDecimal(mantissa, exponent: meaning.exponent &+ exponent)
    guard let addedPower else { return .number(value) }
    guard let sum = value + FixedDecimal(1, exponent: addedPower) else { return .absent(.outOfRange) }
    return .number(sum)
  }

  private func float(_ bits: UInt32) -> MBusRecord.Value {
    let value = Float(bitPattern: bits)
    // A whole number below 2²⁴ is its own shortest decimal; the search for one is the dearest step of all.
    if let whole = Int32(exactly: value), whole.magnitude < 1 << 24 { return number(Int64(whole)) }
    guard let decimal = FixedDecimal(shortest: value) else {
      return .absent(value.isFinite ? .outOfRange : .notANumber)
    }
    return number(decimal.mantissa, decimal.exponent)
  }

  /// Digits of an identifier. Letters among them stay, as in the header's; with an F in front none was set, or not all.
  private func digits(_ raw: UInt64, _ count: Int, at start: Int) -> MBusRecord.Value {
    guard count > 0 else { return .absent(.noData) }
    return raw >> UInt64(8 * count - 4) == 15
      ? .absent(.invalidDigits) : .digits(ByteRange(from: start, to: start &+ count))
  }

  private func decimal(_ raw: UInt64, _ count: Int) -> MBusRecord.Value {
    Self.decimal(raw, count).map { number($0) } ?? .absent(.invalidDigits)
  }

  /// Binary coded decimal of some bytes; those above must be 0. F in the highest digit is a minus sign; any other letter
  /// means that there is no value.
  @inline(__always)
  static func decimal(_ raw: UInt64, _ count: Int) -> Int64? {
    let top = UInt64(truncatingIfNeeded: 8 &* count &- 4)
    let isNegative = raw &>> top == 15
    let digits = isNegative ? raw & ~(15 &<< top) : raw
    // A letter has the bit 8 and one of 4 and 2.
    guard digits &>> 3 & (digits &>> 2 | digits &>> 1) & 0x1111_1111_1111_1111 == 0 else { return nil }
    // Neighbours become numbers below 100, then below 10⁴, then below 10⁸.
    let pairs = (digits & 0x0F0F_0F0F_0F0F_0F0F) &+ (digits &>> 4 & 0x0F0F_0F0F_0F0F_0F0F) &* 10
    let fours = (pairs & 0x00FF_00FF_00FF_00FF) &+ (pairs &>> 8 & 0x00FF_00FF_00FF_00FF) &* 100
    let eights = (fours & 0x0000_FFFF_0000_FFFF) &+ (fours &>> 16 & 0x0000_FFFF_0000_FFFF) &* 10_000
    let value = Int64(bitPattern: (eights & 0xFFFF_FFFF) &+ (eights &>> 32) &* 100_000_000)
    return isNegative ? -value : value
  }

  /// Data with a length byte of its own, and its end.
  @inline(never)
  private func readVariable(_ bytes: Span<UInt8>, at start: Int) throws(DecodeError) -> (MBusRecord.Value, Int) {
    var reader = ByteReader(bytes, at: start)
    let length = try reader.byte()
    let range = try reader.skip(try Self.variableCount(length, at: start))
    if let absence { return (.absent(absence), reader.position) }
    return (variable(bytes, length, range), reader.position)
  }

  /// The bytes that follow the length byte of data of variable length.
  static func variableCount(_ length: UInt8, at place: Int) throws(DecodeError) -> Int {
    switch length {
    case 0x00...0xBF: Int(length)
    case 0xC0...0xC9, 0xD0...0xD9, 0xE0...0xEF: Int(length & 15)
    case 0xF0...0xF4: 4 * Int(length - 0xEC)
    case 0xF5: 48
    case 0xF6: 64
    default: throw DecodeError(.badRecord, at: place, found: Int(length))
    }
  }

  /// The length byte also tells the kind of data.
  private func variable(_ bytes: Span<UInt8>, _ length: UInt8, _ range: ByteRange) -> MBusRecord.Value {
    switch length {
    case 0x00...0xBF: return meaning.shape == .opaque || isProfile ? .bytes(range) : .text(range)
    case 0xC0...0xC9 where meaning.shape == .digits: return range.isEmpty ? .absent(.noData) : .digits(range)
    case 0xC0...0xC9: return longDecimal(bytes, range, isNegative: false)
    case 0xD0...0xD9: return longDecimal(bytes, range, isNegative: true)
    case 0xE0...0xE8:
      guard !range.isEmpty else { return .absent(.noData) }
      var raw: UInt64 = 0
      for index in range.indices.reversed() { raw = raw << 8 | UInt64(bytes[index]) }
      return integer(raw, Int(range.count), at: Int(range.start))
    default: return .bytes(range)
    }
  }

  /// Up to nine bytes of decimal digits, the sign outside.
  private func longDecimal(_ bytes: Span<UInt8>, _ range: ByteRange, isNegative: Bool) -> MBusRecord.Value {
    guard !range.isEmpty else { return .absent(.noData) }
    var value: Int64 = 0
    for index in range.indices.reversed() {
      let byte = bytes[index]
      guard byte >> 4 <= 9, byte & 15 <= 9 else { return .absent(.invalidDigits) }
      value = value * 100 + Int64(byte >> 4) * 10 + Int64(byte & 15)
    }
    return number(isNegative ? -value : value)
  }
}
