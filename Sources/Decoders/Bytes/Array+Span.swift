/// Copies of borrowed bytes.
///
/// `init(capacity:)` and `append(addingCapacity:)` would make them, but the library of Swift 6.2 has neither: Debian's, which
/// the program for arm64 gets.
extension [UInt8] {
  /// `init(repeating:count:)` asks the runtime for the type of the array each time, but fills many bytes faster.
  init(_ bytes: Span<UInt8>) {
    if bytes.count > 64 {
      self.init(repeating: 0, count: bytes.count)
      var copy = mutableSpan
      for index in bytes.indices { copy[index] = bytes[index] }
    } else {
      self = []
      append(bytes)
    }
  }

  mutating func append(_ bytes: Span<UInt8>) {
    let start = count
    append(contentsOf: repeatElement(0, count: bytes.count))
    var copy = mutableSpan
    for index in bytes.indices { copy[start + index] = bytes[index] }
  }
}
