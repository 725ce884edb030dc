extension Reading {
  /// The symbol of a field's unit, empty for none: the table's, or what the meter states in plain text.
  package func unitSymbol(_ field: Field) -> String {
    field.unit == .stated ? Unit.statedSymbol(topicLevel: topicLevel(field)) : field.unit.symbol
  }
}

extension Unit {
  /// The unit that an M-Bus meter states in plain text, read from the topic level of the field that has it; empty where
  /// the level has none. The level of a field without a name is made of the bytes of its DIB and VIB.
  package static func statedSymbol(topicLevel: String) -> String {
    let parts = topicLevel.split(separator: "_")
    guard parts.count >= 3, parts[0] == "mbus", let vib = Hexadecimal.bytes(parts[2].utf8), vib.count >= 2,
      vib[0] & 0x7F == 0x7C, vib.count >= 2 + Int(vib[1])
    else { return "" }
    let text = MBusText.utf8(vib, ByteRange(from: 2, to: 2 + Int(vib[1])))
    return String(decoding: MBusText.trimmed(text), as: UTF8.self).shown
  }
}
