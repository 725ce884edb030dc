/// The list that a meter sends again and again. Only its digits change, so all else is looked up once.
///
/// A list with the same bytes everywhere but in its numbers and times has the same structure, codes, units and names. Its
/// numbers and times are read from its own bytes, by the functions that read those of any list. Where anything else differs,
/// it is another list: a type, a text, a value that is not there, or a size that another power of ten goes with.
///
/// It is an object, because a copy would count the owners of its arrays up and down.
final class DLMSUsualList: Sendable {
  /// A number or a time in it.
  struct Slot: BitwiseCopyable {
    /// What a field makes of the value.
    enum Use: BitwiseCopyable { case none, quantity, plain, code }

    var node: AXDRNode
    /// Index of its record.
    var record: UInt16
    /// Index of its field, if it has a use.
    var field: UInt16 = 0
    var use = Use.none
    /// If its size has a say in its power of ten.
    var sized: DLMSQuantity?
  }

  /// Its place in the application data, which records refer to.
  let place: Range<Int>
  /// The bytes that it was learnt from.
  private let bytes: [UInt8]
  private let sender: SystemTitle?
  private let slots: [Slot]
  let records: [DLMSRecord]
  private let reading: Reading

  /// Learns a list from its tree and from what has just been made of it; nil for a list that cannot be remembered.
  ///
  /// - Parameters:
  ///   - data: the application data.
  ///   - place: of the list in it.
  ///   - nodes: the tree of the list.
  ///   - origins: the index of the node of each record.
  ///   - made: with the records as they came out in the end.
  ///   - reading: the only one, without an issue.
  init?(
    _ data: [UInt8], _ place: Range<Int>, nodes: [AXDRNode], origins: [UInt16], made: DLMSReadings, reading: Reading
  ) {
    let records = made.records
    guard place.count <= DLMSHabit.byteLimit, records.count <= DLMSHabit.recordLimit, records.count == origins.count,
      !Self.hasDoubtfulCode(nodes, data.span)
    else { return nil }
    var again = made.unfilled()
    var slots: [Slot] = []
    for (index, record) in records.enumerated() {
      let count = again.fields.reading.fields.count
      again.add(record)
      let field = again.fields.reading.fields.count > count ? UInt16(count) : nil
      let isAlone =
        origins.count { $0 == origins[index] } == 1
        && (record.obis == nil || records.count { $0.obis == record.obis } == 1)
      let node = nodes[Int(origins[index])]
      if isAlone, let slot = Slot(node, record, UInt16(index), field, data.span) { slots.append(slot) }
    }
    self.place = place
    bytes = [UInt8](data[place])
    sender = made.header.systemTitle
    self.slots = slots.sorted { $0.node.start < $1.node.start }
    // Without room for more: it stays for long.
    self.records = records.map(\.self)
    self.reading = reading
  }

  /// Whether something in it would be a code with other bytes behind it, which may be those of a number or behind the list:
  /// a pair whose first element is null, a descriptor without tags; and a number that begins like a code with tag and length
  /// in the wrong order.
  private static func hasDoubtfulCode(_ nodes: [AXDRNode], _ bytes: Span<UInt8>) -> Bool {
    nodes.indices.contains { index in
      let node = nodes[index]
      return switch node.tag {
      case AXDRTag.structure: node.count == 2 && nodes[index + 1].tag == AXDRTag.null
      case AXDRTag.uint32: bytes[Int(node.start)] == AXDRTag.octetString
      default: false
      }
    }
  }

  /// The records and the reading of a list from `start` on; nil if it is another list.
  func read(
    _ bytes: Span<UInt8>, _ start: Int, to end: Int, _ header: DLMSHeader, _ settings: DLMSDecoder.Configuration
  ) -> (records: [DLMSRecord], readings: [Reading])? {
    guard start == place.lowerBound, end >= place.upperBound, header.systemTitle == sender, hasSameFrame(bytes)
    else { return nil }
    var records = records
    var all = records.mutableSpan
    for index in slots.indices {
      let slot = slots[index]
      let place = Int(slot.record)
      let content = DLMSRecord.Content(slot.node, of: all[place].obis, in: bytes)
      guard slot.takes(content, insteadOf: all[place], bytes) else { return nil }
      all[place].content = content
    }
    var readings = DLMSReadings(bytes, header: header, records: records, issues: [], settings: settings)
    return readings.renew(reading, slots) ? (records, [readings.fields.reading]) : nil
  }

  /// Whether all bytes outside the slots are the same.
  private func hasSameFrame(_ bytes: Span<UInt8>) -> Bool {
    let known = self.bytes
    let mine = known.span
    let list = bytes.extracting(place)
    var index = 0
    for slot in slots {
      let end = Int(slot.node.start) &- place.lowerBound
      guard mine.isEqual(to: list, index..<end) else { return false }
      index = end &+ Int(slot.node.count)
    }
    return mine.isEqual(to: list, index..<place.count)
  }
}

extension DLMSUsualList.Slot {
  /// Nil for a value that decides about more than itself.
  fileprivate init?(_ node: AXDRNode, _ record: DLMSRecord, _ index: UInt16, _ field: UInt16?, _ bytes: Span<UInt8>) {
    self.node = node
    self.record = index
    if let obis = record.obis {
      guard DLMSReadings.numberRank(obis) == 0 else { return nil }
      let meaning = DLMSReadings.meaning(obis)
      switch meaning {
      case .quantity, .currentLimit: use = .quantity
      case .powerLimit: use = record.unit?.dimension == .power ? .quantity : .code
      case .plain: use = .plain
      case .unknown: use = .code
      case .record: use = .none
      case .tariff, .breaker, .message, .text: return nil
      }
      if record.scalerSource == .none || record.scalerSource == .assumed {
        sized = DLMSQuantity(meaning).flatMap { $0.isSized ? $0 : nil }
        if sized != .voltage, DLMSReadings.mayBeVoltage(obis) { return nil }
      }
    }
    guard (use == .none) == (field == nil), takes(record.content, insteadOf: record, bytes) else { return nil }
    self.field = field ?? 0
  }

  /// Whether a value may stand for that of a record without another consequence.
  fileprivate func takes(_ content: DLMSRecord.Content, insteadOf record: DLMSRecord, _ bytes: Span<UInt8>) -> Bool {
    switch (content, record.content) {
    case (.number(let new), .number(let old)):
      // Such a number may be a code: `hasDoubtfulCode`.
      guard node.tag != AXDRTag.uint32 || bytes[Int(node.start)] != AXDRTag.octetString else { return false }
      guard let sized else { return true }
      guard new.exponent == 0, old.exponent == 0 else { return false }
      guard sized.isSizedByRange else { return (new.mantissa == 0) == (old.mantissa == 0) }
      // One power of ten that suits each voltage also suits the largest.
      return record.scalerSource == .assumed && new.mantissa > 0
        && sized.scaler(byLargest: UInt64(new.mantissa)) == record.scaler
    case (.time, .time), (.time, .doubtfulTime), (.doubtfulTime, .time), (.doubtfulTime, .doubtfulTime): return true
    default: return false
    }
  }
}

extension DLMSReadings {
  /// Makes `usual` the meter's reading, with the numbers and the time of these records; false if a value has no field now.
  @_lifetime(self: copy self)
  fileprivate mutating func renew(_ usual: Reading, _ slots: [DLMSUsualList.Slot]) -> Bool {
    fields.reading.meter = usual.meter
    fields.reading.text = usual.text
    fields.reading.time = clock()
    var fields = usual.fields
    var all = fields.mutableSpan
    for index in slots.indices {
      let slot = slots[index]
      let place = Int(slot.field)
      let record = records[Int(slot.record)]
      switch slot.use {
      case .none: break
      case .quantity: all[place].value = value(record, in: all[place].unit)
      case .plain:
        guard let value = plain(record) else { return false }
        all[place].value = value
      case .code:
        guard let value = codeValue(record) else { return false }
        all[place].value = value
      }
    }
    self.fields.reading.fields = fields
    return issues.isEmpty
  }
}

extension DLMSQuantity {
  /// Whether the size of a value may have a say in its assumed power of ten.
  fileprivate var isSized: Bool {
    switch self {
    case .energy, .reactiveEnergy, .apparentEnergy, .power, .reactivePower, .apparentPower: false
    case .voltage, .current, .powerFactor, .frequency, .phaseAngle, .volume: true
    }
  }

  /// Whether the range of values on a public grid has; else only 0 is a case of its own.
  fileprivate var isSizedByRange: Bool { self == .voltage || self == .frequency }
}
