/// Tags of the DLMS data types (Green Book 9.5, IEC 62056-5-3).
enum AXDRTag {
  static let null: UInt8 = 0x00
  static let array: UInt8 = 0x01
  static let structure: UInt8 = 0x02
  static let boolean: UInt8 = 0x03
  static let bitString: UInt8 = 0x04
  static let int32: UInt8 = 0x05
  static let uint32: UInt8 = 0x06
  static let octetString: UInt8 = 0x09
  static let visibleString: UInt8 = 0x0A
  static let utf8String: UInt8 = 0x0C
  static let bcd: UInt8 = 0x0D
  static let int8: UInt8 = 0x0F
  static let int16: UInt8 = 0x10
  static let uint8: UInt8 = 0x11
  static let uint16: UInt8 = 0x12
  static let compactArray: UInt8 = 0x13
  static let int64: UInt8 = 0x14
  static let uint64: UInt8 = 0x15
  static let enumeration: UInt8 = 0x16
  static let float32: UInt8 = 0x17
  static let float64: UInt8 = 0x18
  static let dateTime: UInt8 = 0x19
  static let date: UInt8 = 0x1A
  static let time: UInt8 = 0x1B
  static let deltaInt8: UInt8 = 0x1C
  static let deltaInt16: UInt8 = 0x1D
  static let deltaInt32: UInt8 = 0x1E
  static let deltaUint8: UInt8 = 0x1F
  static let deltaUint16: UInt8 = 0x20
  static let deltaUint32: UInt8 = 0x21
  static let dontCare: UInt8 = 0xFF

  /// Bytes of a value of fixed length; nil for lists, strings and unknown types.
  @inline(__always)
  static func fixedCount(_ tag: UInt8) -> Int? {
    switch tag {
    case null, dontCare: 0
    case boolean, bcd, int8, uint8, enumeration, deltaInt8, deltaUint8: 1
    case int16, uint16, deltaInt16, deltaUint16: 2
    case int32, uint32, float32, time, deltaInt32, deltaUint32: 4
    case date: 5
    case int64, uint64, float64: 8
    case dateTime: 12
    default: nil
    }
  }
}

/// One value of a tree, by its place. The tree is flat, in the order of the bytes: the children of a list follow it, and
/// `next` is the index behind all of them.
struct AXDRNode: BitwiseCopyable {
  /// An attribute descriptor without a tag, of Czech meters, counts as the octet string of its code.
  var tag: UInt8
  /// First byte of the value, behind tag and length.
  var start: UInt16
  /// Bytes of the value, or elements of a list.
  var count: UInt16
  /// Index of the next node that is not inside this one.
  var next: UInt16

  /// Whether it is an array or a structure.
  var isList: Bool { tag == AXDRTag.array || tag == AXDRTag.structure }
  var range: ByteRange { ByteRange(start: start, count: count) }
}

/// Reads data in A-XDR coding (IEC 61334-6) into flat trees. It checks depth, counts and lengths against the bytes.
struct AXDRReader: ~Escapable {
  /// Levels of lists within lists.
  static let depthLimit = 16

  private let bytes: Span<UInt8>
  private let end: Int
  /// More bytes may come: a value that needs them is `truncated`.
  private let isPartial: Bool
  /// Index of the next byte.
  private(set) var position: Int

  /// A reader of the bytes in a range.
  @_lifetime(copy bytes)
  init(_ bytes: Span<UInt8>, _ range: Range<Int>, isPartial: Bool = false) {
    self.bytes = bytes
    self.isPartial = isPartial
    position = range.lowerBound
    end = range.upperBound
  }

  /// Appends the tree of the next value.
  @_lifetime(self: copy self)
  mutating func value(into nodes: inout [AXDRNode]) throws(DecodeError) { try value(depth: 0, into: &nodes) }

  /// A length or count: one byte below 80, else 81 to 84 and that many bytes.
  @_lifetime(self: copy self)
  mutating func length() throws(DecodeError) -> Int {
    let first = try byte()
    guard first >= 0x80 else { return Int(first) }
    guard (0x81...0x84).contains(first) else {
      throw DecodeError(.badRecord, at: position - 1, found: Int(first))
    }
    var value = 0
    for _ in 0x80..<first { value = value << 8 | Int(try byte()) }
    return value
  }

  @inline(__always) @_lifetime(self: copy self)
  private mutating func byte() throws(DecodeError) -> UInt8 {
    guard position < end else { throw DecodeError(.truncated, at: position, expected: 1) }
    defer { position &+= 1 }
    return bytes[position]
  }

  @_lifetime(self: copy self)
  private mutating func value(depth: Int, into nodes: inout [AXDRNode]) throws(DecodeError) {
    let tag = try byte()
    if tag == AXDRTag.uint32, try isSwappedCode() {
      position &+= 1
      return try append(AXDRTag.octetString, 6, &nodes)
    }
    if try scalar(tag, &nodes) { return }
    switch tag {
    case AXDRTag.array, AXDRTag.structure: try list(tag, depth: depth, into: &nodes)
    case AXDRTag.compactArray: try compactArray(depth: depth, into: &nodes)
    default: throw DecodeError(.badRecord, at: position - 1, found: Int(tag))
    }
  }

  /// Appends a value that is not a list; false for other tags.
  @inline(__always) @_lifetime(self: copy self)
  private mutating func scalar(_ tag: UInt8, _ nodes: inout [AXDRNode]) throws(DecodeError) -> Bool {
    if let count = AXDRTag.fixedCount(tag) {
      try append(tag, count, &nodes)
      return true
    }
    switch tag {
    case AXDRTag.octetString, AXDRTag.visibleString, AXDRTag.utf8String: try append(tag, try length(), &nodes)
    case AXDRTag.bitString: try append(tag, (try length() + 7) / 8, &nodes)
    default: return false
    }
    return true
  }

  @inline(__always) @_lifetime(self: copy self)
  private mutating func append(_ tag: UInt8, _ count: Int, _ nodes: inout [AXDRNode]) throws(DecodeError) {
    try require(count)
    nodes.append(
      AXDRNode(
        tag: tag, start: UInt16(truncatingIfNeeded: position), count: UInt16(truncatingIfNeeded: count),
        next: UInt16(truncatingIfNeeded: nodes.count &+ 1)))
    position &+= count
  }

  /// Appends an array or structure whose elements follow; returns its index, for `close`.
  @_lifetime(self: copy self)
  private mutating func open(_ tag: UInt8, _ count: Int, _ nodes: inout [AXDRNode]) -> Int {
    nodes.append(
      AXDRNode(
        tag: tag, start: UInt16(truncatingIfNeeded: position), count: UInt16(truncatingIfNeeded: count), next: 0))
    return nodes.count - 1
  }

  private func close(_ index: Int, _ nodes: inout [AXDRNode]) {
    nodes[index].next = UInt16(truncatingIfNeeded: nodes.count)
  }

  @inline(__always)
  private func require(_ count: Int) throws(DecodeError) {
    guard count <= end &- position else {
      throw DecodeError(.truncated, at: position, expected: count, found: end - position)
    }
  }

  /// An array or structure. Each element takes a byte at least.
  @_lifetime(self: copy self)
  private mutating func list(_ tag: UInt8, depth: Int, into nodes: inout [AXDRNode]) throws(DecodeError) {
    guard depth < Self.depthLimit else { throw DecodeError(.tooDeep, at: position - 1, expected: Self.depthLimit) }
    let count = try length()
    try require(count)
    let index = open(tag, count, &nodes)
    var rest = count
    if tag == AXDRTag.structure, count == 2, try isUntaggedDescriptor() {
      position &+= 2
      try append(AXDRTag.octetString, 6, &nodes)
      position &+= 1
      rest = 1
    }
    for _ in 0..<rest where !plain(&nodes) { try value(depth: depth + 1, into: &nodes) }
    close(index, &nodes)
  }

  /// Appends a value as most are: of fixed length, or a short string. False for any other, and for one that is not whole.
  @inline(__always) @_lifetime(self: copy self)
  private mutating func plain(_ nodes: inout [AXDRNode]) -> Bool {
    guard position < end &- 1 else { return false }
    let tag = bytes[position]
    let next = bytes[position &+ 1]
    var start = position &+ 1
    var count = 0
    switch tag {
    case AXDRTag.octetString, AXDRTag.visibleString:
      guard next < 0x80 else { return false }
      count = Int(next)
      start &+= 1
    case AXDRTag.int8, AXDRTag.enumeration, AXDRTag.uint8: count = 1
    case AXDRTag.int16, AXDRTag.uint16: count = 2
    // Not a code with tag and length in the wrong order.
    case AXDRTag.uint32 where next != AXDRTag.octetString, AXDRTag.int32: count = 4
    default: return false
    }
    guard count <= end &- start else { return false }
    nodes.append(
      AXDRNode(
        tag: tag, start: UInt16(truncatingIfNeeded: start), count: UInt16(truncatingIfNeeded: count),
        next: UInt16(truncatingIfNeeded: nodes.count &+ 1)))
    position = start &+ count
    return true
  }

  // MARK: What some meters send instead

  /// `06 09 code`: tag and length of an octet string in the wrong order (Landis+Gyr ZMF100).
  ///
  /// Behind a real number would stand an invalid tag, or an empty list and a don't-care.
  @inline(__always)
  private func isSwappedCode() throws(DecodeError) -> Bool {
    guard position < end, bytes[position] == 0x09 else { return false }
    guard end - position >= 7 else {
      if isPartial { throw DecodeError(.truncated, at: end, expected: 7 - (end - position)) }
      return false
    }
    guard bytes[position + 1] <= 1, bytes[position + 6] == 0xFF else { return false }
    switch bytes[position + 4] {
    case 0, 1, 7, 8: return true
    default: return false
    }
  }

  /// `class(2) code(6) attribute(1)` without tags as the first element of two (Sagemcom XT211, Czech grid operators).
  @inline(__always)
  private func isUntaggedDescriptor() throws(DecodeError) -> Bool {
    guard bytes[position] == 0 else { return false }
    guard end - position >= 10 else {
      if isPartial { throw DecodeError(.truncated, at: end, expected: 10 - (end - position)) }
      return false
    }
    return bytes[position + 7] == 0xFF && bytes[position + 2] <= 15 && (1...20).contains(bytes[position + 8])
  }

  // MARK: Compact arrays

  /// `13 type length contents`: elements of one type without their tags (Green Book 9.5). They become an array.
  @_lifetime(self: copy self)
  private mutating func compactArray(depth: Int, into nodes: inout [AXDRNode]) throws(DecodeError) {
    let type = position
    try skipType(depth: depth)
    let count = try length()
    try require(count)
    let contents = position + count
    let index = open(AXDRTag.array, 0, &nodes)
    var elements = 0
    while position < contents {
      let before = position
      var place = type
      try untagged(&place, to: contents, into: &nodes)
      // Elements without a byte would never end.
      guard position > before else { throw DecodeError(.badRecord, at: type, found: Int(bytes[type])) }
      elements += 1
    }
    guard position == contents else {
      throw DecodeError(.lengthMismatch, at: position, expected: contents, found: position)
    }
    nodes[index].count = UInt16(truncatingIfNeeded: elements)
    close(index, &nodes)
  }

  /// Steps over the description of a type.
  @_lifetime(self: copy self)
  private mutating func skipType(depth: Int) throws(DecodeError) {
    guard depth < Self.depthLimit else { throw DecodeError(.tooDeep, at: position, expected: Self.depthLimit) }
    switch try byte() {
    case AXDRTag.array:
      try require(2)
      position &+= 2
      try skipType(depth: depth + 1)
    case AXDRTag.structure:
      let count = try length()
      try require(count)
      for _ in 0..<count { try skipType(depth: depth + 1) }
    default: break
    }
  }

  /// One element of the type described at `type`, which steps over the description; `skipType` has been there before.
  @_lifetime(self: copy self)
  private mutating func untagged(
    _ type: inout Int, to contents: Int, into nodes: inout [AXDRNode]
  ) throws(DecodeError) {
    // Elements without bytes, in lists within lists, would exhaust the memory.
    guard nodes.count < DLMSFramer.limit else { throw DecodeError(.tooLong, at: type, expected: DLMSFramer.limit) }
    let tag = bytes[type]
    type += 1
    if try scalar(tag, &nodes) { return }
    let isArray = tag == AXDRTag.array
    guard isArray || tag == AXDRTag.structure else { throw DecodeError(.badRecord, at: type - 1, found: Int(tag)) }
    let count: Int
    if isArray {
      count = Int(bytes[type]) << 8 | Int(bytes[type + 1])
      type += 2
    } else {
      var description = AXDRReader(bytes, type..<end)
      count = try description.length()
      type = description.position
    }
    let index = open(tag, count, &nodes)
    let element = type
    for _ in 0..<count {
      if isArray { type = element }
      try untagged(&type, to: contents, into: &nodes)
    }
    close(index, &nodes)
  }
}
