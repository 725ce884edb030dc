/// One element of an SML file, by its place.
struct SMLElement: BitwiseCopyable {
  /// The type bits (SML 1.04, 6.3).
  struct Kind: Equatable, BitwiseCopyable {
    static let octets = Kind(bits: 0)
    static let boolean = Kind(bits: 4)
    static let signed = Kind(bits: 5)
    static let unsigned = Kind(bits: 6)
    static let list = Kind(bits: 7)

    let bits: UInt8

    var isReserved: Bool { bits &- 1 < 3 }
  }

  var kind: Kind
  /// First byte behind the type and length.
  var start: Int
  /// Bytes of the value, or elements of a list.
  var count: Int

  var range: Range<Int> { start..<start + count }
  /// An octet string of no bytes: an optional element that is left out.
  var isAbsent: Bool { kind == .octets && count == 0 }
}

/// Reads the elements of an SML file: type and length (SML 1.04, 6.3), then the value, most significant byte first.
struct SMLReader: ~Copyable, ~Escapable {
  /// Levels of lists in a message: entry, value and its time are the deepest that the standard has.
  static let depthLimit = 8
  private static let mostLengthBytes = 4
  private static let mostNumberBytes = 8

  let bytes: Span<UInt8>
  private let end: Int
  /// Index of the next byte.
  var position: Int

  /// A reader of the bytes in a range.
  @_lifetime(copy bytes)
  init(_ bytes: Span<UInt8>, _ range: Range<Int>) {
    self.bytes = bytes
    position = range.lowerBound
    end = range.upperBound
  }

  var isAtEnd: Bool { position >= end }

  /// The next element. Of a list only type and length are read, of others the value too.
  @inline(__always) @_lifetime(self: copy self)
  mutating func element() throws(DecodeError) -> SMLElement {
    let place = position
    guard place < end else { throw DecodeError(.truncated, at: place, expected: 1) }
    let first = bytes[place]
    let kind = SMLElement.Kind(bits: first &>> 4 & 7)
    guard !kind.isReserved else { throw unexpected(first, at: place) }
    position = place &+ 1
    var length = Int(first & 0x0F)
    if first >= 0x80 { length = try longLength(length, from: place) }
    guard kind != .list else {
      guard length <= end &- position else { throw tooFew(length) }
      return SMLElement(kind: .list, start: position, count: length)
    }
    // The length counts its own bytes too.
    let count = length &- (position &- place)
    guard count >= 0 else { throw DecodeError(.badLength, at: place, found: length) }
    if kind != .octets {
      guard count > 0, count <= (kind == .boolean ? 1 : Self.mostNumberBytes) else {
        throw DecodeError(.badLength, at: place, found: length)
      }
    }
    guard count <= end &- position else { throw tooFew(count) }
    let element = SMLElement(kind: kind, start: position, count: count)
    position &+= count
    return element
  }

  /// Steps over the next element with all that is in it.
  @_lifetime(self: copy self)
  mutating func skip(depth: Int = 0) throws(DecodeError) {
    let place = position
    let element = try element()
    guard element.kind == .list else { return }
    guard depth < Self.depthLimit else { throw DecodeError(.tooDeep, at: place, expected: Self.depthLimit) }
    for _ in 0..<element.count { try skip(depth: depth + 1) }
  }

  /// Steps over an element that is left out; false for any other.
  @inline(__always) @_lifetime(self: copy self)
  mutating func skipAbsent() -> Bool {
    guard position < end, bytes[position] == 0x01 else { return false }
    position &+= 1
    return true
  }

  // MARK: Elements of a kind

  /// A list of so many elements.
  @inline(__always) @_lifetime(self: copy self)
  mutating func list(_ count: Int) throws(DecodeError) {
    let place = position
    let element = try element()
    guard element.kind == .list, element.count == count else { throw unexpected(bytes[place], at: place) }
  }

  /// A list of any number of elements; returns their number.
  @_lifetime(self: copy self)
  mutating func list() throws(DecodeError) -> Int {
    let place = position
    let element = try element()
    guard element.kind == .list else { throw unexpected(bytes[place], at: place) }
    return element.count
  }

  /// An octet string; empty if it is left out.
  @inline(__always) @_lifetime(self: copy self)
  mutating func octets() throws(DecodeError) -> ByteRange {
    let place = position
    let element = try element()
    guard element.kind == .octets else { throw unexpected(bytes[place], at: place) }
    return ByteRange(from: element.start, to: element.start &+ element.count)
  }

  /// An unsigned number of any width; nil if it is left out.
  @inline(__always) @_lifetime(self: copy self)
  mutating func unsigned() throws(DecodeError) -> UInt64? {
    if skipAbsent() { return nil }
    let place = position
    let element = try element()
    if element.isAbsent { return nil }
    guard element.kind == .unsigned else { throw unexpected(bytes[place], at: place) }
    return magnitude(element)
  }

  /// A number of either kind; nil if it is left out. One that does not fit is the largest.
  @inline(__always) @_lifetime(self: copy self)
  mutating func signed() throws(DecodeError) -> Int64? {
    if skipAbsent() { return nil }
    let place = position
    let element = try element()
    switch element.kind {
    case .signed: return signed(element)
    case .unsigned: return Int64(clamping: magnitude(element))
    case .octets where element.isAbsent: return nil
    default: throw unexpected(bytes[place], at: place)
    }
  }

  // MARK: Values

  /// The bytes of a number.
  @inline(__always)
  func magnitude(_ element: SMLElement) -> UInt64 {
    var value: UInt64 = 0
    for index in element.range { value = value &<< 8 | UInt64(bytes[index]) }
    return value
  }

  /// The same with a sign in the first bit.
  @inline(__always)
  func signed(_ element: SMLElement) -> Int64 {
    let unused = UInt64(64 &- 8 &* element.count)
    return Int64(bitPattern: magnitude(element) &<< unused) &>> Int64(unused)
  }

  func unexpected(_ byte: UInt8, at place: Int) -> DecodeError {
    DecodeError(.unexpectedElement, at: place, found: Int(byte))
  }

  /// More bytes of type and length: each adds four bits to the length.
  @inline(never) @_lifetime(self: copy self)
  private mutating func longLength(_ first: Int, from place: Int) throws(DecodeError) -> Int {
    var length = first
    var hasMore = true
    while hasMore {
      guard position < end else { throw DecodeError(.truncated, at: position, expected: 1) }
      guard position - place < Self.mostLengthBytes else {
        throw DecodeError(.badLength, at: place, found: length)
      }
      length = length << 4 | Int(bytes[position] & 0x0F)
      hasMore = bytes[position] & 0x80 != 0
      position += 1
    }
    return length
  }

  private func tooFew(_ count: Int) -> DecodeError {
    DecodeError(.truncated, at: position, expected: count, found: end - position)
  }
}
