/// Zeros to copy: to repeat one takes several times as long.
private let zeros = [UInt8](repeating: 0, count: 512)

/// Copies of borrowed bytes.
///
/// `init(capacity:)` and `append(addingCapacity:)` would make them, but the library of Swift 6.2 has neither: Debian's, which
/// the program for arm64 gets.
extension [UInt8] {
  /// Not by `init(repeating:count:)`, which asks the runtime for the type of the array each time.
  init(_ bytes: Span<UInt8>) {
    self = []
    append(bytes)
  }

  mutating func append(_ bytes: Span<UInt8>) {
    let start = count
    if bytes.count <= zeros.count {
      append(contentsOf: zeros[..<bytes.count])
    } else {
      append(contentsOf: repeatElement(0, count: bytes.count))
    }
    var copy = mutableSpan
    copy.write(bytes, at: start)
  }
}

extension MutableSpan<UInt8> {
  /// Copies some bytes to a place, eight at a time.
  @inline(__always) @_lifetime(self: copy self)
  mutating func write(_ bytes: Span<UInt8>, at place: Int) {
    var index = 0
    while let word = bytes.word(at: index) {
      // The compiler makes one store of it, because the part's length is a constant.
      var part = _mutatingExtracting(place &+ index..<place &+ index &+ 8)
      part[0] = UInt8(truncatingIfNeeded: word)
      part[1] = UInt8(truncatingIfNeeded: word &>> 8)
      part[2] = UInt8(truncatingIfNeeded: word &>> 16)
      part[3] = UInt8(truncatingIfNeeded: word &>> 24)
      part[4] = UInt8(truncatingIfNeeded: word &>> 32)
      part[5] = UInt8(truncatingIfNeeded: word &>> 40)
      part[6] = UInt8(truncatingIfNeeded: word &>> 48)
      part[7] = UInt8(truncatingIfNeeded: word &>> 56)
      index &+= 8
    }
    while index < bytes.count {
      self[place &+ index] = bytes[index]
      index &+= 1
    }
  }
}
