/// The messages of one file (SML 1.04, 5): lists of values, and what could not be used.
struct SMLFile: ~Copyable, ~Escapable {
  /// Lists of one meter, as one.
  struct List {
    var header: SMLHeader
    var records: [SMLRecord]
  }

  private enum Body {
    static let openResponse: UInt64 = 0x0101
    static let closeResponse: UInt64 = 0x0201
    static let listResponse: UInt64 = 0x0701
    static let attention: UInt64 = 0xFF01
    /// Requests, profiles and parameters. A meter that pushes has nothing to say in them.
    static let others: [UInt64] = [
      0x0100, 0x0200, 0x0300, 0x0301, 0x0400, 0x0401, 0x0500, 0x0501, 0x0600, 0x0601, 0x0700,
    ]
  }

  /// Records of a long list.
  private static let usualRecords = 32

  private var reader: SMLReader
  /// The first one; a file has more of them only behind a gateway.
  private var list: List?
  private(set) var otherLists: [List] = []
  private(set) var issues: [DecodeError] = []
  /// The tag of a body that has no values, for a file without a list.
  private(set) var otherBody: UInt64?
  /// The number in the message that opens the file, for lists that leave it out.
  private var openServerID = ByteRange()
  private var bytes: Span<UInt8> { @_lifetime(copy self) get { reader.bytes } }

  /// Reads the messages.
  ///
  /// - Parameters:
  ///   - bytes: the file, with its marks and without doubled escapes.
  ///   - range: from the first message to the last fill byte.
  ///   - fill: the number of fill bytes that the end mark tells.
  @_lifetime(copy bytes)
  init(_ bytes: Span<UInt8>, _ range: Range<Int>, fill: Int) {
    reader = SMLReader(bytes, range)
    while !reader.isAtEnd {
      let start = reader.position
      if bytes[start] == 0, isFill(from: start, to: range.upperBound) {
        if range.upperBound - start != fill { issues.append(DecodeError(.badLength, at: start, found: fill)) }
        return
      }
      do throws(DecodeError) { try readMessage() } catch {
        issues.append(error)
        findMessage(behind: start, in: range)
      }
    }
    if fill > 0 { issues.append(DecodeError(.badLength, at: range.upperBound, found: fill)) }
  }

  /// Hands out the first list. Nobody else holds its records then, so that they can be corrected in place.
  @_lifetime(self: copy self)
  mutating func takeList() -> List? {
    var taken: List?
    swap(&taken, &list)
    return taken
  }

  private func isFill(from start: Int, to end: Int) -> Bool {
    for index in start..<end where bytes[index] != 0 { return false }
    return true
  }

  // MARK: Messages

  /// List of 6: transaction, group, what to do after an error, body, CRC, `00`.
  @_lifetime(self: copy self)
  private mutating func readMessage() throws(DecodeError) {
    let start = reader.position
    try reader.list(6)
    _ = try reader.element()
    _ = try reader.element()
    _ = try reader.element()
    let list = try readBody()
    try readEnd(from: start)
    // Nothing of a message counts that breaks off.
    if let list = consume list { add(list) }
  }

  /// Adds a list to that of the same meter before it.
  private mutating func add(_ list: consuming List) {
    if self.list == nil {
      self.list = list
    } else if isOfLastMeter(list.header.serverID) {
      if otherLists.isEmpty {
        self.list?.records += list.records
      } else {
        otherLists[otherLists.count - 1].records += list.records
      }
    } else {
      otherLists.append(list)
    }
  }

  /// List of 2: tag and content.
  @_lifetime(self: copy self)
  private mutating func readBody() throws(DecodeError) -> List? {
    try reader.list(2)
    let place = reader.position
    guard let tag = try reader.unsigned() else { throw reader.unexpected(bytes[place], at: place) }
    switch tag {
    case Body.openResponse:
      try reader.list(6)
      for _ in 0..<3 { try reader.skip() }
      openServerID = try reader.octets()
      for _ in 0..<2 { try reader.skip() }
    case Body.listResponse: return try readList()
    case Body.attention: try readAttention()
    case Body.closeResponse: try reader.skip(depth: 2)
    default:
      otherBody = tag
      try reader.skip(depth: 2)
      if !Body.others.contains(tag) {
        issues.append(DecodeError(.unsupported, at: place, found: Int(truncatingIfNeeded: tag)))
      }
    }
    return nil
  }

  /// The CRC of the message and `00`. Some meters shorten a CRC whose first byte is 00.
  ///
  /// The CRC of the file covers the message too, so that a wrong one costs nothing but an issue.
  @_lifetime(self: copy self)
  private mutating func readEnd(from start: Int) throws(DecodeError) {
    let place = reader.position
    let element = try reader.element()
    guard element.kind == .unsigned, element.count <= 2 else { throw reader.unexpected(bytes[place], at: place) }
    let end = reader.position
    guard !reader.isAtEnd else { throw DecodeError(.truncated, at: end, expected: 1) }
    guard bytes[end] == 0 else { throw reader.unexpected(bytes[end], at: end) }
    reader.position = end + 1
    let expected = UInt16(truncatingIfNeeded: reader.magnitude(element)).byteSwapped
    let message = bytes.extracting(start..<place)
    let found = CRC16.x25(message)
    if found != expected, CRC16.kermit(message) != expected {
      issues.append(DecodeError(.checksumMismatch, at: element.start, expected: Int(expected), found: Int(found)))
    }
  }

  /// Goes on with the next message behind a broken one: behind its own end if its lengths can be right, else with the next
  /// bytes that are a message with a good CRC.
  @_lifetime(self: copy self)
  private mutating func findMessage(behind start: Int, in range: Range<Int>) {
    if let end = Self.end(of: bytes, range, from: start, needsChecksum: false) {
      reader.position = end
      return
    }
    for place in start + 1..<max(start + 1, range.upperBound) where bytes[place] == 0x76 {
      if Self.end(of: bytes, range, from: place, needsChecksum: true) != nil {
        reader.position = place
        return
      }
    }
    reader.position = range.upperBound
  }

  /// The end of the message that begins at a place; nil for other bytes.
  private static func end(
    of bytes: Span<UInt8>, _ range: Range<Int>, from place: Int, needsChecksum: Bool
  ) -> Int? {
    var reader = SMLReader(bytes, place..<range.upperBound)
    do throws(DecodeError) {
      try reader.list(6)
      for _ in 0..<4 { try reader.skip() }
      let end = reader.position
      let element = try reader.element()
      guard element.kind == .unsigned, !reader.isAtEnd, bytes[reader.position] == 0 else { return nil }
      let checksum = UInt16(truncatingIfNeeded: reader.magnitude(element)).byteSwapped
      let message = bytes.extracting(place..<end)
      guard !needsChecksum || checksum == CRC16.x25(message) || checksum == CRC16.kermit(message) else { return nil }
      return reader.position + 1
    } catch { return nil }
  }

  // MARK: Bodies

  /// GetListResponse, list of 7: client, server, name of the list, time, values, signature, time of a gateway.
  @_lifetime(self: copy self)
  private mutating func readList() throws(DecodeError) -> List {
    try reader.list(7)
    _ = try reader.octets()
    var header = SMLHeader()
    header.serverID = try reader.octets()
    if header.serverID.isEmpty { header.serverID = openServerID }
    header.listName = try reader.octets()
    header.time = try readTime()
    let count = try reader.list()
    var list = List(header: header, records: [])
    list.records.reserveCapacity(min(count, Self.usualRecords))
    for _ in 0..<count {
      let start = reader.position
      do throws(DecodeError) {
        list.records.append(try readRecord())
      } catch {
        // One bad entry does not lose the others, if its lengths are right.
        reader.position = start
        try reader.skip(depth: 4)
        issues.append(error)
      }
    }
    let place = reader.position
    try reader.skip(depth: 3)
    list.header.signature = ByteRange(from: place, to: reader.position)
    try reader.skip(depth: 3)
    return list
  }

  /// Whether a list is one more of the meter before it.
  private func isOfLastMeter(_ serverID: ByteRange) -> Bool {
    guard let last = (otherLists.last ?? list)?.header.serverID, last.count == serverID.count else { return false }
    for index in 0..<Int(serverID.count) where bytes[Int(last.start) + index] != bytes[Int(serverID.start) + index] {
      return false
    }
    return true
  }

  /// Entry, list of 7: code, status, time, unit, scaler, value, signature.
  @inline(__always) @_lifetime(self: copy self)
  private mutating func readRecord() throws(DecodeError) -> SMLRecord {
    let start = reader.position
    try reader.list(7)
    let name = try reader.octets()
    guard name.count == 6 else { throw DecodeError(.badRecord, at: Int(name.start), found: Int(name.count)) }
    let status = try reader.unsigned()
    let time = reader.skipAbsent() ? nil : try readTime()
    let unitPlace = reader.position
    guard let unit = UInt8(exactly: try reader.unsigned() ?? 0) else {
      throw reader.unexpected(bytes[unitPlace], at: unitPlace)
    }
    let scaler = Int8(clamping: try reader.signed() ?? 0)
    let place = reader.position
    let element = try reader.element()
    let content = try content(element, at: place)
    if !reader.skipAbsent() { try reader.skip(depth: 5) }
    // All at once: a record that is changed and then copied waits until each small write has reached the cache.
    return SMLRecord(
      obis: Obis(bytes, at: Int(name.start)), content: content, isSigned: element.kind == .signed,
      width: UInt8(truncatingIfNeeded: element.count), scaler: scaler, unitCode: unit, status: status, time: time,
      place: ByteRange(from: start, to: reader.position))
  }

  /// A time. One that cannot be is an issue, and costs neither the value nor the list that it belongs to.
  @inline(never) @_lifetime(self: copy self)
  private mutating func readTime() throws(DecodeError) -> SMLTime? {
    let place = reader.position
    do throws(DecodeError) { return try reader.time() } catch {
      reader.position = place
      try reader.skip(depth: 4)
      issues.append(error)
      return nil
    }
  }

  @inline(__always) @_lifetime(self: copy self)
  private mutating func content(_ element: SMLElement, at place: Int) throws(DecodeError) -> SMLRecord.Content {
    switch element.kind {
    case .signed: return .number(reader.signed(element))
    case .unsigned:
      let magnitude = reader.magnitude(element)
      return Int64(exactly: magnitude).map { .number($0) } ?? .large(magnitude)
    case .boolean: return .flag(bytes[element.start] != 0)
    case .octets where element.count == 0: return .absent
    case .octets: return .octets(ByteRange(from: element.start, to: element.start + element.count))
    default:
      reader.position = place
      try reader.skip(depth: 5)
      return .list
    }
  }

  /// Attention, list of 4: server, number, text, details.
  @_lifetime(self: copy self)
  private mutating func readAttention() throws(DecodeError) {
    try reader.list(4)
    _ = try reader.octets()
    let number = try reader.octets()
    let text = try reader.octets()
    try reader.skip(depth: 3)
    issues.append(DecodeError(attention: bytes.extracting(number.indices), text: bytes.extracting(text.indices)))
  }
}
