#if DEBUG
  package import Decoders

  @testable package import Meters

  package func described(_ key: FieldKey, _ unit: Unit? = nil, isNumber: Bool = true) -> FieldDescription {
    FieldDescription(
      level: key.name == .code ? "mbus_04_ff07" : key.topicLevel([]), key: key, unit: unit ?? key.name.entry.unit,
      isNumber: isNumber)
  }
#endif
