/// A cursor over borrowed bytes. It checks every read against the end and copies nothing.
package struct ByteReader: ~Escapable {
  package let bytes: Span<UInt8>
  /// Index of the next byte.
  package private(set) var position: Int

  @_lifetime(copy bytes)
  package init(_ bytes: Span<UInt8>, at position: Int = 0) {
    self.bytes = bytes
    self.position = position
  }

  /// Bytes not yet read.
  package var remaining: Int { bytes.count - position }
  package var isAtEnd: Bool { position >= bytes.count }

  @inline(__always) @_lifetime(self: copy self)
  package mutating func byte() throws(DecodeError) -> UInt8 {
    guard bytes.indices.contains(position) else { throw DecodeError(.truncated, at: position, expected: 1) }
    defer { position &+= 1 }
    return bytes[position]
  }

  /// The next `count` bytes (0 to 8), least significant first, as an unsigned number.
  @inline(__always) @_lifetime(self: copy self)
  package mutating func littleEndian(_ count: Int) throws(DecodeError) -> UInt64 {
    if let word = bytes.word(at: position) {
      position &+= count
      return word & UInt64.max >> UInt64(64 &- 8 &* count)
    }
    guard count <= remaining else {
      throw DecodeError(.truncated, at: position, expected: count, found: remaining)
    }
    var value: UInt64 = 0
    var index = position &+ count
    while index > position {
      index &-= 1
      value = value &<< 8 | UInt64(bytes[index])
    }
    position &+= count
    return value
  }

  /// Steps over `count` bytes and returns their place.
  @inline(__always) @_lifetime(self: copy self)
  package mutating func skip(_ count: Int) throws(DecodeError) -> ByteRange {
    guard count <= remaining else {
      throw DecodeError(.truncated, at: position, expected: count, found: remaining)
    }
    defer { position &+= count }
    return ByteRange(from: position, to: position &+ count)
  }
}

extension Span<UInt8> {
  /// The eight bytes at a place, least significant first; nil where there are fewer.
  ///
  /// The compiler makes one load of it, because the part's length is a constant.
  @inline(__always)
  package func word(at place: Int) -> UInt64? {
    guard place >= 0, place <= count &- 8 else { return nil }
    let part = extracting(place..<place &+ 8)
    let low = UInt64(part[0]) | UInt64(part[1]) &<< 8 | UInt64(part[2]) &<< 16 | UInt64(part[3]) &<< 24
    let high = UInt64(part[4]) | UInt64(part[5]) &<< 8 | UInt64(part[6]) &<< 16 | UInt64(part[7]) &<< 24
    return low | high &<< 32
  }

  /// The same, with zeros for the bytes behind the end.
  @inline(__always)
  func paddedWord(at place: Int) -> UInt64 { word(at: place) ?? lastWord(at: place) }

  @inline(never)
  private func lastWord(at place: Int) -> UInt64 {
    var word: UInt64 = 0
    var index = count
    while index > place {
      index &-= 1
      word = word &<< 8 | UInt64(self[index])
    }
    return word
  }
}

extension UInt64 {
  /// The top bit of each of the eight bytes that is this one.
  @inline(__always)
  func places(of byte: UInt8) -> UInt64 {
    let others = self ^ UInt64(byte) &* 0x0101_0101_0101_0101
    // Without their top bits no sum reaches the next byte.
    return ~((others & 0x7F7F_7F7F_7F7F_7F7F) &+ 0x7F7F_7F7F_7F7F_7F7F | others) & 0x8080_8080_8080_8080
  }
}

extension Span<UInt8> {
  /// The first place of a byte, from another place on; the number of bytes if there is none.
  @inline(__always)
  func place(of byte: UInt8, from start: Int) -> Int {
    var index = start
    while let word = word(at: index) {
      let found = word.places(of: byte)
      if found != 0 { return index &+ found.trailingZeroBitCount &>> 3 }
      index &+= 8
    }
    while index < count, self[index] != byte { index &+= 1 }
    return index
  }
}

extension Span<UInt8> {
  /// Whether another span has the same bytes in a range, which must be in both.
  @inline(__always)
  func isEqual(to other: Span<UInt8>, _ range: Range<Int>) -> Bool {
    var index = range.lowerBound
    let end = range.upperBound
    guard end &- index >= 8 else {
      while index < end {
        guard self[index] == other[index] else { return false }
        index &+= 1
      }
      return true
    }
    // The last eight may be some of those before once more.
    while index &+ 8 < end {
      guard word(at: index) == other.word(at: index) else { return false }
      index &+= 8
    }
    return word(at: end &- 8) == other.word(at: end &- 8)
  }
}
