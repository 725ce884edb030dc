/// The fault of DZG meters: powers without a sign that are marked as signed, so that 356.24 W reads as −299.12 W.
///
/// Their status word says whether a power is export. If it is not, a negative number of up to three bytes is one without a
/// sign. Newer meters of DZG send true negative numbers, with the bit set; those of four bytes are always true.
struct SMLSignFault {
  private static let widest: UInt8 = 3

  private let status: SMLStatus

  /// Nil for meters of others.
  init?(_ header: SMLHeader, _ status: SMLStatus, _ bytes: Span<UInt8>) {
    guard status.isOfBasicMeter, let letters = SMLServerID(bytes, header.serverID).letters,
      bytes.hasText(Array("DZG".utf8), at: Int(letters.start))
    else { return nil }
    self.status = status
  }

  func correct(_ records: inout [SMLRecord]) {
    for index in records.indices {
      let record = records[index]
      guard record.isSigned, record.width <= Self.widest, case .number(let number) = record.content, number < 0,
        let phase = Self.phase(record.obis), !status.isExport(phase)
      else { continue }
      records[index].content = .number(number + 1 << (8 * Int64(record.width)))
      records[index].isCorrected = true
    }
  }

  /// The phase of a power; nil for other codes.
  private static func phase(_ obis: Obis) -> FieldKey.Phase? {
    guard obis.a == 1 else { return nil }
    switch obis.cde {
    case 0x10_07_00: return FieldKey.Phase.none
    case 0x24_07_00: return .l1
    case 0x38_07_00: return .l2
    case 0x4C_07_00: return .l3
    default: return nil
    }
  }
}
