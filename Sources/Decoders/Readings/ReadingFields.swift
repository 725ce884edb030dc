/// Collects the fields of a reading one by one, and numbers exact duplicates.
struct ReadingFields {
  var reading: Reading
  /// A bit for each key that may be present. Without it `add` would compare every field with all before it.
  private var seen = [8 of UInt64](repeating: 0)

  init(_ reading: Reading) { self.reading = reading }

  mutating func add(_ key: FieldKey, _ value: Field.Value, _ unit: Unit = .none) { add(Field(key, value, unit)) }

  @inline(__always)
  mutating func add(_ field: Field) {
    let key = field.key
    let hash = (Int(key.name.rawValue) &* 5 &+ Int(key.phase.rawValue) &+ Int(key.tariff) &* 131) & 511
    let bit: UInt64 = 1 << UInt64(hash & 63)
    var field = field
    if seen[hash >> 6] & bit != 0 { field.key.ordinal = ordinal(of: key) }
    seen[hash >> 6] |= bit
    reading.fields.append(field)
  }

  /// Adds a text of the vocabulary.
  mutating func addState(_ state: StaticString, _ key: FieldKey) {
    add(key, .text(reading.keep(state.description.utf8)))
  }

  private func ordinal(of key: FieldKey) -> UInt8 {
    var count: UInt8 = 0
    for field in reading.fields {
      var other = field.key
      other.ordinal = 0
      if other == key, count < .max { count += 1 }
    }
    return count
  }
}
