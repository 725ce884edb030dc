internal import Base
internal import Decoders

/// What is noticed of a meter on the air beside what it says.
struct RadioLink: Sendable {
  /// How well it is received; nil once a reading has told.
  var strength: FixedDecimal?
  /// Whether the limit of air time keeps us from asking it; nil once that has been published.
  var isLimited: Bool?
  /// The meter, as its last reading has it. Before the first nothing can be published of it.
  var device: Device?

  /// Puts the strength of the signal into a reading: it was measured with it, or just before.
  mutating func note(on reading: inout Reading) {
    guard let strength else { return }
    reading.fields.append(Field(FieldKey(.signalStrength), .number(strength), FieldName.signalStrength.entry.unit))
    self.strength = nil
  }

  /// What there is to say without a reading; nil for nothing new.
  mutating func publication(received: WallTime) -> Publication? {
    guard let isLimited, let device else { return nil }
    self.isLimited = nil
    let field = FieldDescription(
      level: FieldName.rateLimited.entry.name.description, key: FieldKey(.rateLimited), unit: .none, isNumber: false)
    return Publication(
      device: device, fields: [PublishedField(field: field, payload: isLimited ? "ON" : "OFF")], reading: nil,
      received: received, isFromTelegram: false)
  }
}

extension Reading {
  /// Whether any field has a value.
  var hasValues: Bool { fields.contains { if case .absent = $0.value { false } else { true } } }
}
