extension ReadingFields {
  /// Adds a text as a P1 meter sends it; an empty one is no value.
  mutating func addText(_ bytes: Span<UInt8>, _ key: FieldKey) {
    let text = keep(bytes)
    add(key, text.isEmpty ? .absent(.noData) : .text(text))
  }

  /// Keeps a text as a P1 meter sends it, decoded where it is the hexadecimal of one.
  mutating func keep(_ bytes: Span<UInt8>) -> ByteRange { P1Text.append(bytes, to: &reading.text) }
}
