extension [UInt8] {
  /// Appends a copy of borrowed bytes.
  mutating func append(_ bytes: Span<UInt8>) {
    append(addingCapacity: bytes.count) { free in
      for index in bytes.indices { free.append(bytes[index]) }
    }
  }
}
