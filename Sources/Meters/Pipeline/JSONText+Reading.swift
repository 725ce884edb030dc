package import Base
package import Decoders

extension JSONText {
  /// Writes one reading: an element of `readings` of `decode --format json`, or the document of `…/reading`.
  ///
  /// Every value is the same as on its topic: exact numbers, texts as strings, times in ISO 8601. `unit` is left out
  /// for a field without a unit.
  ///
  /// - Parameters:
  ///   - reading: the fields in published units.
  ///   - received: the time of receipt, only for MQTT.
  ///   - publishing: true for MQTT, which leaves out fields without a value. `decode` prints `null` and the reason.
  package mutating func reading(_ reading: Reading, received: WallTime?, publishing: Bool) {
    object { json in
      json.object("meter") { meter in
        meter.member("id", reading.meterNumber)
        meter.member("manufacturer", reading.manufacturerName)
        meter.member("model", reading.modelName)
        meter.member("medium", reading.meter.medium.name)
      }
      json.member("time", reading.time?.description)
      if let received { json.member("received", received.description) }
      json.array("fields") { fields in
        for field in reading.fields {
          if publishing, case .absent = field.value { continue }
          fields.object { $0.content(of: field, in: reading) }
        }
      }
    }
  }

  private mutating func content(of field: Field, in reading: Reading) {
    member("name", reading.topicLevel(field))
    switch field.value {
    case .number(let number): member("value", number)
    case .time(let time): member("value", time.description)
    case .text(let range): member("value", reading.string(range))
    case .absent(let absence):
      member("value", nil)
      member("reason", absence.name)
    }
    if field.unit != .none { member("unit", reading.unitSymbol(field)) }
  }
}
