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
    append(contentsOf: repeatElement(0, count: bytes.count))
    var copy = mutableSpan
    for index in bytes.indices { copy[start + index] = bytes[index] }
  }
}
