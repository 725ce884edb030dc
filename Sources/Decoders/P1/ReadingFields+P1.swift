extension ReadingFields {
  /// Adds a text of a P1 meter; an empty one is an absent value.
  mutating func addText(_ bytes: Span<UInt8>, _ key: FieldKey) {
    let text = keep(bytes)
    add(key, text.isEmpty ? .absent(.noData) : .text(text))
  }

  /// Adds a number in another unit of its kind; where the conversion rounds, the register's own digits are kept.
  mutating func add(_ key: FieldKey, number: FixedDecimal, from wire: Unit, to unit: Unit) {
    if wire.shift(to: unit) == nil { reading.willRound(number, from: wire) }
    add(key, number.converted(from: wire, to: unit).map { .number($0) } ?? .absent(.outOfRange), unit)
  }

  /// Keeps a text as a P1 meter sends it, decoded where it is the hexadecimal of one.
  mutating func keep(_ bytes: Span<UInt8>) -> ByteRange { P1Text.append(bytes, to: &reading.text) }
}

extension FieldKey {
  /// The key of a record without a name. F has no part in the name: it is the billing period.
  init(code: Obis) {
    let storage: UInt64 = (1...126).contains(code.f) ? UInt64(code.f) : 0
    var code = code
    code.f = 255
    self.init(.code, storage: storage, code: .obis(code))
  }
}
