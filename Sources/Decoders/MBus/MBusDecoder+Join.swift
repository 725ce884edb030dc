extension Telegram {
  /// Whether the meter has more records of the readout (DIF 1F), for the next REQ_UD2.
  package var moreRecordsFollow: Bool {
    (content as? MBusContent)?.records.last?.kind == .moreRecordsFollow
  }
}

extension MBusDecoder {
  /// Joins the telegrams of one readout in order: the header of the first, and the records and issues of all.
  ///
  /// One reading covers all of them. The frames stand one behind the other, and places move with them. Behind a telegram
  /// without DIF 1F another set of data begins. Sets overlap, so what an earlier one has told is not told twice. Nil
  /// without telegrams, for other protocols, for different meters, and beyond 64 KiB.
  package static func join(_ telegrams: [Telegram]) -> Telegram? {
    guard let first = telegrams.first, let start = first.content as? MBusContent else { return nil }
    guard telegrams.count > 1 else { return first }
    var bytes: [UInt8] = []
    var all: [MBusRecord] = []
    var told: [MBusRecord] = []
    /// The codes of the records of earlier sets, and of this one.
    var earlier: Set<[UInt8]> = []
    var own: Set<[UInt8]> = []
    var issues: [DecodeError] = []
    for telegram in telegrams {
      guard let content = telegram.content as? MBusContent, content.header.isSameMeter(as: start.header),
        bytes.count + telegram.bytes.count <= UInt16.max
      else { return nil }
      let shift = UInt16(bytes.count)
      for record in content.records {
        let code = Array(telegram.bytes[record.dib.indices]) + Array(telegram.bytes[record.vib.indices])
        all.append(record.moved(by: shift))
        if record.kind == .data, earlier.contains(code) { continue }
        told.append(record.moved(by: shift))
        own.insert(code)
      }
      if !telegram.moreRecordsFollow { earlier.formUnion(own) }
      for var issue in telegram.issues {
        issue.offset += bytes.count
        issues.append(issue)
      }
      bytes.append(contentsOf: telegram.bytes)
    }
    let content = MBusContent(header: start.header, records: all, profile: start.profile)
    let context = MBusContext(records: told, bytes: content.ordered(bytes))
    let reading = MBusReadingBuilder.reading(start.header, context, profile: start.profile)
    return Telegram(bytes: bytes, content: content, readings: [reading], issues: issues, protection: .checkValue)
  }
}

extension MBusHeader {
  fileprivate func isSameMeter(as other: MBusHeader) -> Bool {
    identification == other.identification && manufacturer == other.manufacturer && structure == other.structure
      && (hasIdentification || address == other.address)
  }
}

extension MBusRecord {
  /// The same record with its bytes further on.
  fileprivate func moved(by shift: UInt16) -> MBusRecord {
    var record = self
    record.dib.start += shift
    record.vib.start += shift
    record.data.start += shift
    switch value {
    case .text(var range):
      range.start += shift
      record.value = .text(range)
    case .bytes(var range):
      range.start += shift
      record.value = .bytes(range)
    case .digits(var range):
      range.start += shift
      record.value = .digits(range)
    case .number, .time, .timeOfDay, .absent: break
    }
    return record
  }
}
