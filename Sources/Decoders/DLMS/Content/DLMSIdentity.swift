/// The texts that identify the meter, by their places.
struct DLMSIdentity {
  var rank: UInt8 = 0
  var number: DLMSRecord?
  var model: ByteRange?
  var manufacturer: UInt16 = 0
}

extension DLMSReadings {
  /// The identity from the system title and the texts of the list.
  func identify() -> DLMSIdentity {
    var identity = DLMSIdentity()
    identity.manufacturer = header.systemTitle?.manufacturer ?? 0
    for record in records {
      guard let obis = record.obis else { continue }
      let rank = Self.numberRank(obis)
      if rank > identity.rank, isNumber(record) {
        identity.rank = rank
        identity.number = record
      }
      guard case .text(let range) = record.content, !range.isEmpty else { continue }
      if Self.isModel(obis), !isZeros(range) { identity.model = range }
      if identity.manufacturer == 0 { identity.manufacturer = manufacturer(range, of: obis) }
    }
    return identity
  }

  /// The identification of the highest rank is the meter's number. 0 for other records.
  static func numberRank(_ obis: Obis) -> UInt8 {
    switch (obis.a, obis.cde) {
    case (0, 0x60_01_00): 6  // 96.1.0
    case (1, 0x00_00_05): 5  // 1-1:0.0.5, the GS1 number of Kamstrup
    case (0, 0x60_01_01): 4  // 96.1.1
    case (0, 0x2A_00_00): 3  // 42.0.0, the logical device name
    case (1, 0x00_00_00): 2  // 0.0.0
    case (1, 0x00_00_01): 1  // 0.0.1
    default: 0
    }
  }

  /// 96.1.7, of Kamstrup 1-1:96.1.1.
  private static func isModel(_ obis: Obis) -> Bool {
    obis.a == 0 && obis.cde == 0x60_01_07 || obis.a == 1 && obis.cde == 0x60_01_01
  }

  private func isNumber(_ record: DLMSRecord) -> Bool {
    switch record.content {
    case .text(let range): !range.isEmpty
    case .bytes(let range): !isFilledWithZeros(range)
    case .number: true
    default: false
    }
  }

  private func isZeros(_ range: ByteRange) -> Bool { range.indices.allSatisfy { bytes[$0] == UInt8(ascii: "0") } }

  /// The maker's letters in the name of a list, in a logical device name, or in a number.
  ///
  /// They stand behind the first digit of a number of DIN 43863-5.
  private func manufacturer(_ range: ByteRange, of obis: Obis) -> UInt16 {
    let text = bytes.extracting(range.indices)
    guard text.count >= 7 else { return 0 }
    switch (obis.a, obis.cde) {
    case (1, 0x00_02_81):  // 0.2.129
      switch text[0] {
      case UInt8(ascii: "A"): return DLMSMaker.aidon.manufacturer  // AIDON_V0001
      case UInt8(ascii: "K"):
        return text[1] == UInt8(ascii: "a") ? DLMSMaker.kamstrup.manufacturer : DLMSMaker.kaifa.manufacturer
      default: return 0
      }
    case (0, 0x2A_00_00): return MeterIdentity.manufacturer(text[0], text[1], text[2]) ?? 0
    case (0, 0x60_01_00) where text[0].isDigit:
      return MeterIdentity.manufacturer(text[1], text[2], text[3]) ?? 0
    default: return 0
    }
  }

  /// Writes it into the meter's reading.
  @_lifetime(self: copy self)
  mutating func keep(_ identity: DLMSIdentity) {
    if let model = identity.model { fields.reading.meter.model = .text(keep(model)) }
    fields.reading.meter.numberRank = identity.rank
    switch identity.number?.content {
    case .text, .bytes:
      if let number = identity.number.flatMap({ keepOctets($0) }) { fields.reading.meter.number = .text(number) }
    case .number(let number):
      fields.reading.meter.number = .text(fields.reading.keep(number.description.utf8))
    default:
      guard let title = header.systemTitle else { return }
      fields.reading.meter.number = .text(fields.reading.keep(title.description.utf8))
    }
  }

  /// Keeps a text of the application data in the meter's reading.
  @_lifetime(self: copy self)
  mutating func keep(_ range: ByteRange) -> ByteRange {
    let start = fields.reading.text.count
    let count = Int(range.count)
    if fields.reading.text.capacity - start < count { fields.reading.text.reserveCapacity(start + count + 64) }
    for index in range.indices { fields.reading.text.append(bytes[index]) }
    return ByteRange(from: start, to: fields.reading.text.count)
  }
}
