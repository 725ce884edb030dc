extension ReadingFields {
  /// Adds a text of a P1 meter; an empty one is an absent value.
  mutating func addText(_ bytes: Span<UInt8>, _ key: FieldKey) {
    let text = keep(bytes)
    add(key, text.isEmpty ? .absent(.noData) : .text(text))
  }

  /// Keeps a text of a P1 meter, decoded if it is hexadecimal.
  mutating func keep(_ bytes: Span<UInt8>) -> ByteRange { P1Text.append(bytes, to: &reading.text) }
}
