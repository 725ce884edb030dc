internal import Base
internal import Decoders

/// The state of the radio link to a meter, beside its readings.
struct RadioLink: Sendable {
  /// The signal strength; nil after a reading has taken it.
  var strength: FixedDecimal?
  /// Whether the limit of air time stops requests to the meter; nil after it was published.
  var isLimited: Bool?

  /// Adds the signal strength to a reading. It was measured with it, or just before.
  mutating func note(on reading: inout Reading) {
    guard let strength else { return }
    reading.fields.append(Field(FieldKey(.signalStrength), .number(strength), FieldName.signalStrength.entry.unit))
    self.strength = nil
  }

  /// A publication without a reading; nil if nothing is new. `device` is the meter in its last reading; nil before the
  /// first, when nothing can be published.
  mutating func publication(of device: Device?, received: WallTime) -> Publication? {
    guard let isLimited, let device else { return nil }
    self.isLimited = nil
    return Self.publication(of: device, .rateLimited, isNumber: false, isLimited ? "ON" : "OFF", received: received)
  }

  /// The signal strength without a reading; nil without a new one.
  mutating func strengthAlone(
    of device: Device?, _ rounding: [FieldName: FixedDecimal], received: WallTime
  ) -> Publication? {
    guard let strength, let device else { return nil }
    self.strength = nil
    let payload = strength.published(as: FieldKey(.signalStrength), rounding)
    return Self.publication(of: device, .signalStrength, isNumber: true, payload, received: received)
  }

  private static func publication(
    of device: Device, _ name: FieldName, isNumber: Bool, _ payload: String, received: WallTime
  ) -> Publication {
    let field = FieldDescription(
      level: name.entry.name.description, key: FieldKey(name), unit: name.entry.unit, isNumber: isNumber)
    return Publication(
      device: device, fields: [PublishedField(field: field, payload: payload)], reading: nil, received: received,
      isFromTelegram: false)
  }
}

extension Reading {
  /// Whether any field has a value.
  var hasValues: Bool { fields.contains { if case .absent = $0.value { false } else { true } } }
}
