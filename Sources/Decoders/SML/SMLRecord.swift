/// One entry of the list of values.
package struct SMLRecord: Hashable, Sendable, BitwiseCopyable {
  package enum Content: Hashable, Sendable, BitwiseCopyable {
    /// Unscaled.
    case number(Int64)
    /// A number that is too large for the decimals of the program.
    case large(UInt64)
    case flag(Bool)
    /// At a place in the file.
    case octets(ByteRange)
    /// A list, which has no meaning here.
    case list
    /// The meter leaves the value out.
    case absent
  }

  package var obis: Obis
  package var content: Content
  /// Whether the meter gives the number a sign.
  var isSigned = false
  /// Bytes of a number.
  var width: UInt8 = 0
  /// Power of ten.
  package var scaler: Int8 = 0
  /// Number of the unit (DLMS Blue Book 4.3.2), 0 without one.
  package var unitCode: UInt8 = COSEMUnit.absent
  /// The fault of a DZG meter was undone: a number without a sign that it marks as signed.
  package var isCorrected = false
  package var status: UInt64?
  package var time: SMLTime?
  /// The whole entry, in the file.
  package var place = ByteRange()

  /// Nil if the unit is missing or unknown.
  package var unit: Unit? { unitCode == COSEMUnit.absent ? nil : COSEMUnit.unit(unitCode) }

  /// Powers of ten of a number that registers can have.
  private static let scalers: ClosedRange<Int8> = -18...18

  /// The number in its unit; nil for other contents and for impossible numbers.
  package var number: FixedDecimal? {
    guard case .number(let raw) = content, Self.scalers.contains(scaler) else { return nil }
    return FixedDecimal(raw, exponent: scaler)
  }

  /// Why a record has no value; nil for one that has.
  package var absence: Field.Absence? {
    switch content {
    case .number: number == nil ? .outOfRange : nil
    case .large: .outOfRange
    case .absent, .list: .noData
    case .flag, .octets: nil
    }
  }
}

/// The data around the list of values. Places refer to the file.
package struct SMLHeader: Hashable, Sendable, BitwiseCopyable {
  /// As on the wire, or that of a record where the header leaves it out; empty without one.
  package var serverID = ByteRange()
  /// The code of the list; empty without one.
  package var listName = ByteRange()
  /// The time of the values.
  package var time: SMLTime?
  /// The element of the list's signature.
  package var signature = ByteRange()
}

/// The lists of values that one meter sent in a file, with their records.
package struct SMLContent: TelegramContent {
  package var header: SMLHeader
  /// The file as it came, but with doubled escapes once; places refer to it.
  package var data: [UInt8]
  package var records: [SMLRecord]

  /// The meter's number: that of DIN 43863-5 as it is printed on the meter, a text, else hexadecimal; nil without one.
  package var serverID: String? {
    if header.serverID.isEmpty { return nil }
    var text: [UInt8] = []
    SMLServerID(data.span, header.serverID).write(into: &text)
    return String(decoding: text, as: UTF8.self)
  }

  /// The maker's letters: those of the number, else those of a record.
  package var manufacturer: String? {
    if let letters = SMLServerID(data.span, header.serverID).letters { return text(letters) }
    return SMLRecord.maker(records, data.span).map { text($0) }
  }

  /// Octets as text if all of them can be printed, else hexadecimal.
  package func text(_ range: ByteRange) -> String {
    let octets = data[range.indices]
    return octets.allSatisfy(\.isPrintable) ? String(decoding: octets, as: UTF8.self) : Hexadecimal.text(octets)
  }

  /// The signature of the list in hexadecimal; nil without one. It is not checked.
  package var signature: String? {
    var reader = SMLReader(data.span, header.signature.indices)
    return Self.signature(&reader)
  }

  /// The signature of a record's value in hexadecimal; nil without one.
  package func signature(of record: SMLRecord) -> String? {
    var reader = SMLReader(data.span, record.place.indices)
    do throws(DecodeError) {
      try reader.list(7)
      for _ in 0..<6 { try reader.skip() }
    } catch { return nil }
    return Self.signature(&reader)
  }

  private static func signature(_ reader: inout SMLReader) -> String? {
    var octets = ByteRange()
    do throws(DecodeError) { octets = try reader.octets() } catch { return nil }
    return octets.isEmpty ? nil : Hexadecimal.text(octets.indices.map { reader.bytes[$0] })
  }

  /// The code of the list; nil without one.
  package var listName: String? {
    guard !header.listName.isEmpty else { return nil }
    guard header.listName.count == 6 else { return text(header.listName) }
    return Obis(data.span, at: Int(header.listName.start)).description
  }
}

extension SMLRecord {
  /// The number of the meter in a list whose header leaves it out: 96.1.0, 0.0.9, 0.0.0 or 96.1.255; empty without one.
  static func serverID(_ records: [SMLRecord]) -> ByteRange {
    for code in [0x60_01_00, 0x00_00_09, 0x00_00_00, 0x60_01_FF] as [UInt32] {
      for record in records where record.obis.a <= 1 && record.obis.cde == code {
        if case .octets(let range) = record.content { return range }
      }
    }
    return ByteRange()
  }

  /// The letters of the maker in a list, of 96.50.1 or 129-129:199.130.3; nil without them.
  static func maker(_ records: [SMLRecord], _ bytes: Span<UInt8>) -> ByteRange? {
    for record in records {
      let obis = record.obis
      guard obis.a == 1 && obis.cde == 0x60_32_01 || obis.a == 129 && obis.cde == 0xC7_82_03,
        case .octets(let range) = record.content
      else { continue }
      var isText = true
      for index in range.indices where !bytes[index].isPrintable { isText = false }
      if isText { return range }
    }
    return nil
  }
}

extension Obis {
  /// The six bytes of a code.
  @inline(__always)
  init(_ bytes: Span<UInt8>, at place: Int) {
    self.init(
      bytes[place], bytes[place + 1], bytes[place + 2], bytes[place + 3], bytes[place + 4], bytes[place + 5])
  }
}

extension UInt8 {
  /// ASCII without control characters.
  var isPrintable: Bool { (0x20...0x7E).contains(self) }
}
