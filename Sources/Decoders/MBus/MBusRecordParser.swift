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

  /// Appends one record, or steps over it.
  @inline(__always)
  private static func appendRecord(
    _ dif: UInt8, _ start: Int, _ reader: inout ByteReader, to records: inout [MBusRecord],
    _ issues: inout [DecodeError]
  ) throws(DecodeError) {
    var storage = UInt64(dif >> 6 & 1)
    var tariff: UInt32 = 0
    var subunit: UInt16 = 0
    var more = dif
    var count = 0
    while more & 0x80 != 0 {
      more = try reader.byte()
      if count < extensionLimit {
        storage |= UInt64(more & 15) &<< UInt64(1 &+ 4 &* count)
        tariff |= UInt32(more >> 4 & 3) &<< UInt32(2 &* count)
        subunit |= UInt16(more >> 6 & 1) &<< UInt16(count)
      }
      count &+= 1
    }
    let vibStart = reader.position
    let information = try MBusValueInformation(&reader)
    let dataStart = reader.position
    let value = try information.readValue(dif & 0x0F, &reader)
    guard count <= extensionLimit, !information.isTooLong else {
      let place = count > extensionLimit ? start : vibStart
      return issues.append(DecodeError(.tooManyExtensions, at: place, expected: extensionLimit))
    }
    let function: RecordFunction =
      switch dif >> 4 & 3 {
      case 0: .instantaneous
      case 1: .maximum
      case 2: .minimum
      default: .error
      }
    records.append(
      MBusRecord(
        value: value, function: function, kind: .data, quantity: information.meaning.quantity, storage: storage,
        tariff: tariff, subunit: subunit, dib: ByteRange(from: start, to: vibStart),
        vib: ByteRange(from: vibStart, to: dataStart), data: ByteRange(from: dataStart, to: reader.position),
        unit: information.meaning.unit, phase: information.phase, quadrant: information.quadrant,
        modifiers: information.modifiers))
  }
}
