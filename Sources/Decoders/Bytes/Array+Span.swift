/// Zeros to copy: to repeat one takes several times as long.
private let zeros = [UInt8](repeating: 0, count: 512)

/// Copies of borrowed bytes.
///
/// `init(capacity:)` and `append(addingCapacity:)` would make them, but the library of Swift 6.2 has neither: Debian's, which
/// the program for arm64 gets.
extension [UInt8] {
  /// `init(repeating:count:)` asks the runtime for the type of the array each time, but fills many bytes faster.
  init(_ bytes: Span<UInt8>) {
    if bytes.count > zeros.count {
      self.init(repeating: 0, count: bytes.count)
      var copy = mutableSpan
      copy.write(bytes, at: 0)
    } else {
      self = []
      append(bytes)
    }
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
  /// Copies some bytes to a place.
  @inline(__always) @_lifetime(self: copy self)
  mutating func write(_ bytes: Span<UInt8>, at place: Int) {
    // The compiler copies many bytes a step, because both lengths are the same.
    var part = _mutatingExtracting(place..<place &+ bytes.count)
    for index in bytes.indices { part[index] = bytes[index] }
  }
}
