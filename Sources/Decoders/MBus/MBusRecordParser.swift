/// Reads the records of a variable data structure (EN 13757-3, clause 6).
enum MBusRecordParser {
  private static let extensionLimit = 10
  /// Stands between records, and behind them up to the end of a cipher's block.
  private static let filler: UInt8 = 0x2F

  /// Room for records, copied before they are read: an append for each would ask each time whether the array is shared.
  private static let room = [MBusRecord](repeating: block(.manufacturerSpecific, 0, 0), count: 64)

  /// Every record from `start` to the end of the bytes.
  ///
  /// It steps over an unusable record of known length. If the length is unknown, or the bytes end too soon, it stops and
  /// keeps the records before. Either is an issue.
  static func records(_ bytes: Span<UInt8>, from start: Int, issues: inout [DecodeError]) -> [MBusRecord] {
    let lines = VIFMeaning.lines
    let meanings = lines.span
    var position = start
    var count = 0
    var records = Array(room[..<min(room.count, max(1, (bytes.count &- start) / 5))])
    while position < bytes.count {
      if count == records.count { records.append(contentsOf: room) }
      var places = records.mutableSpan
      do throws(DecodeError) {
        while position < bytes.count, count < places.count {
          if let (record, end) = ordinary(bytes, at: position, meanings) {
            places[count] = record
            count &+= 1
            position = end
            continue
          }
          let start = position
          while position < bytes.count, bytes[position] == filler { position &+= 1 }
          if position > start { continue }
          var end = bytes.count
          if let record = try other(bytes, at: position, &end, &issues) {
            places[count] = record
            count &+= 1
          }
          position = end
        }
      } catch {
        issues.append(error)
        position = bytes.count
      }
    }
    records.removeLast(records.count - count)
    return records
  }

  private static func block(_ kind: MBusRecord.Kind, _ start: Int, _ end: Int) -> MBusRecord {
    let data = ByteRange(from: start &+ 1, to: end)
    return MBusRecord(
      value: .bytes(data), function: .instantaneous, kind: kind, quantity: .manufacturerSpecific, storage: 0, tariff: 0,
      subunit: 0, dib: ByteRange(from: start, to: start &+ 1), vib: ByteRange(from: start &+ 1, to: start &+ 1),
      data: data, unit: .none, phase: .none, quadrant: 0, modifiers: [])
  }

  /// Reads any record, and sets its end. Nil for a request, and for a record that has become an issue.
  @inline(never)
  private static func other(
    _ bytes: Span<UInt8>, at start: Int, _ end: inout Int, _ issues: inout [DecodeError]
  ) throws(DecodeError) -> MBusRecord? {
    switch bytes[start] {
    case 0x7F:  // a request for everything, without data
      end = start + 1
      return nil
    case 0x0F: return block(.manufacturerSpecific, start, bytes.count)
    case 0x1F: return block(.moreRecordsFollow, start, bytes.count)
    case let dif where dif & 0x0F == 0x0F: throw DecodeError(.badRecord, at: start, found: Int(dif))
    default: return try general(bytes, at: start, &end, &issues)
    }
  }

  /// A data information block: the DIF and what its extensions add up to.
  private struct DataInformation {
    var dif: UInt8
    var storage: UInt64
    var tariff: UInt32 = 0
    var subunit: UInt16 = 0
    /// Number of extensions.
    var count: UInt64 = 0

    init(_ reader: inout ByteReader) throws(DecodeError) {
      dif = try reader.byte()
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

  private static func general(
    _ bytes: Span<UInt8>, at start: Int, _ end: inout Int, _ issues: inout [DecodeError]
  ) throws(DecodeError) -> MBusRecord? {
    var reader = ByteReader(bytes, at: start)
    let data = try DataInformation(&reader)
    let vibStart = reader.position
    let information = try MBusValueInformation(&reader)
    let dataStart = reader.position
    let value = try information.readValue(data.dif & 0x0F, &reader)
    end = reader.position
    guard data.count <= extensionLimit, !information.isTooLong else {
      let place = data.count > extensionLimit ? start : vibStart
      issues.append(DecodeError(.tooManyExtensions, at: place, expected: extensionLimit))
      return nil
    }
    return MBusRecord(
      value: value, function: function(data.dif), kind: .data,
      quantity: information.meaning.quantity, storage: data.storage, tariff: data.tariff, subunit: data.subunit,
      dib: ByteRange(from: start, to: vibStart), vib: ByteRange(from: vibStart, to: dataStart),
      data: ByteRange(from: dataStart, to: end), unit: information.meaning.unit, phase: information.phase,
      quadrant: information.quadrant, modifiers: information.modifiers)
  }

  @inline(__always)
  static func function(_ dif: UInt8) -> RecordFunction {
    switch dif &>> 4 & 3 {
    case 0: .instantaneous
    case 1: .maximum
    case 2: .minimum
    default: .error
    }
  }
}
