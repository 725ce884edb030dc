/// Reads the records of a variable data structure (EN 13757-3, clause 6).
enum MBusRecordParser {
  private static let extensionLimit = 10

  /// Appends every record from `start` to the end of the bytes.
  ///
  /// It steps over an unusable record of known length. If the length is unknown, or the bytes end too soon, it stops and
  /// keeps the records before. Either is an issue. The reader is a local and only inlined code takes it, so that its
  /// position stays in a register.
  static func collect(
    _ bytes: Span<UInt8>, from start: Int, into records: inout [MBusRecord], issues: inout [DecodeError]
  ) {
    records.reserveCapacity(max(4, (bytes.count - start) / 5))
    var reader = ByteReader(bytes, at: start)
    do throws(DecodeError) {
      while !reader.isAtEnd {
        let start = reader.position
        let dif = try reader.byte()
        switch dif {
        case 0x2F, 0x7F: continue  // idle filler; a request for everything, without data
        case 0x0F: return records.append(block(.manufacturerSpecific, start, bytes.count))
        case 0x1F: return records.append(block(.moreRecordsFollow, start, bytes.count))
        case _ where dif & 0x0F == 0x0F: throw DecodeError(.badRecord, at: start, found: Int(dif))
        default: try appendRecord(dif, start, &reader, to: &records, &issues)
        }
      }
    } catch {
      issues.append(error)
    }
  }

  private static func block(_ kind: MBusRecord.Kind, _ start: Int, _ end: Int) -> MBusRecord {
    let data = ByteRange(from: start + 1, to: end)
    return MBusRecord(
      value: .bytes(data), function: .instantaneous, kind: kind, quantity: .manufacturerSpecific, storage: 0, tariff: 0,
      subunit: 0, dib: ByteRange(from: start, to: start &+ 1), vib: ByteRange(from: start &+ 1, to: start &+ 1),
      data: data, unit: .none, phase: .none, quadrant: 0, modifiers: [])
  }

  /// A data information block: the DIF and what its extensions add up to.
  private struct DataInformation {
    var dif: UInt8
    var storage: UInt64
    var tariff: UInt32 = 0
    var subunit: UInt16 = 0
    /// Number of extensions.
    var count: UInt64 = 0

    @inline(__always)
    init(_ dif: UInt8, _ reader: inout ByteReader) throws(DecodeError) {
      self.dif = dif
      storage = UInt64(dif >> 6 & 1)
      var more = dif
      while more & 0x80 != 0 {
        more = try reader.byte()
        if count < extensionLimit {
          storage |= UInt64(more & 15) &<< (1 &+ 4 &* count)
          tariff |= UInt32(more >> 4 & 3) &<< UInt32(truncatingIfNeeded: 2 &* count)
          subunit |= UInt16(more >> 6 & 1) &<< UInt16(truncatingIfNeeded: count)
        }
        count &+= 1
      }
    }
  }

  /// Appends one record, or steps over it.
  ///
  /// Most records have a plain VIF. A path of their own, on which nothing changes its meaning, takes half the time.
  @inline(__always)
  private static func appendRecord(
    _ dif: UInt8, _ start: Int, _ reader: inout ByteReader, to records: inout [MBusRecord],
    _ issues: inout [DecodeError]
  ) throws(DecodeError) {
    let data = try DataInformation(dif, &reader)
    let vibStart = reader.position
    let vif = try reader.byte()
    let code = vif == 0xFD ? try reader.byte() : vif
    guard code & 0x80 == 0, code != 0x7C else {
      let end = try appendExtended(data, start, reader.bytes, vibStart, to: &records, &issues)
      _ = try reader.skip(end &- reader.position)
      return
    }
    let information = MBusValueInformation(meaning: vif == 0xFD ? .extensionFD(code) : .primary(code))
    try append(data, start, vibStart, information, &reader, to: &records, &issues)
  }

  /// The same for any value information block; returns the end of the record.
  @inline(never)
  private static func appendExtended(
    _ data: DataInformation, _ start: Int, _ bytes: Span<UInt8>, _ vibStart: Int, to records: inout [MBusRecord],
    _ issues: inout [DecodeError]
  ) throws(DecodeError) -> Int {
    var reader = ByteReader(bytes, at: vibStart)
    let information = try MBusValueInformation(&reader)
    try append(data, start, vibStart, information, &reader, to: &records, &issues)
    return reader.position
  }

  @inline(__always)
  private static func append(
    _ data: DataInformation, _ start: Int, _ vibStart: Int, _ information: MBusValueInformation,
    _ reader: inout ByteReader, to records: inout [MBusRecord], _ issues: inout [DecodeError]
  ) throws(DecodeError) {
    let dataStart = reader.position
    let value = try information.readValue(data.dif & 0x0F, &reader)
    guard data.count <= extensionLimit, !information.isTooLong else {
      let place = data.count > extensionLimit ? start : vibStart
      return issues.append(DecodeError(.tooManyExtensions, at: place, expected: extensionLimit))
    }
    let function: RecordFunction =
      switch data.dif >> 4 & 3 {
      case 0: .instantaneous
      case 1: .maximum
      case 2: .minimum
      default: .error
      }
    records.append(
      MBusRecord(
        value: value, function: function, kind: .data,
        quantity: information.meaning.quantity, storage: data.storage, tariff: data.tariff, subunit: data.subunit,
        dib: ByteRange(from: start, to: vibStart), vib: ByteRange(from: vibStart, to: dataStart),
        data: ByteRange(from: dataStart, to: reader.position), unit: information.meaning.unit, phase: information.phase,
        quadrant: information.quadrant, modifiers: information.modifiers))
  }
}
