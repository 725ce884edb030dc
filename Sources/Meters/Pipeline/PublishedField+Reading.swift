internal import Base
internal import Decoders

extension FixedDecimal {
  /// The payload of a field's topic.
  func published(as key: FieldKey, _ rounding: [FieldName: FixedDecimal]) -> String {
    (rounding.isEmpty ? self : rounding[key.name].flatMap { rounded(to: $0) } ?? self).description
  }
}

extension Reading {
  /// The fields that may become topics. If they are too many, those with a name go first.
  fileprivate var fieldsOfTopics: [Field] {
    guard fields.count > Limits.fieldsOfReading else { return fields }
    let named = fields.filter { $0.key.name != .code }
    return Array((named + fields.filter { $0.key.name == .code }).prefix(Limits.fieldsOfReading))
  }

  /// The last levels of topics whose fields are in the reading without a value.
  var absentLevels: [String] {
    fieldsOfTopics.compactMap { field in
      if case .absent = field.value, field.unit != .none { topicLevel(field) } else { nil }
    }
  }
}

extension PublishedField {
  /// The fields with a value, and the meter's own time.
  ///
  /// - Parameters:
  ///   - reading: the reading, in published units.
  ///   - rounding: the multiples that some fields are rounded to.
  /// - Returns: one payload for each topic.
  static func all(of reading: Reading, rounding: [FieldName: FixedDecimal] = [:]) -> [PublishedField] {
    var fields: [PublishedField] = []
    for field in reading.fieldsOfTopics {
      let payload: String
      var isNumber = false
      var isDate = false
      switch field.value {
      case .number(let number):
        payload = number.published(as: field.key, rounding)
        isNumber = true
      case .time(let time):
        payload = time.description
        isDate = time.precision == .day
      case .text(let range):
        payload = reading.string(range)
        // An empty payload would delete the retained value.
        if payload.isEmpty { continue }
      case .absent: continue
      }
      let description = FieldDescription(
        level: reading.topicLevel(field), key: field.key, unit: field.unit, isNumber: isNumber, isDate: isDate)
      fields.append(PublishedField(field: description, payload: payload))
    }
    if let time = reading.time, time.offset != nil {
      let description = FieldDescription(
        level: FieldName.meterTime.entry.name.description, key: FieldKey(.meterTime), unit: .none, isNumber: false)
      fields.append(PublishedField(field: description, payload: time.description))
    }
    return fields
  }
}
