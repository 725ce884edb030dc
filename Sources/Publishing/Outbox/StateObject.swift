internal import Base
internal import Decoders
internal import Meters

/// The object of `…/state`: every value that the meter's topics have now, as a flat JSON object.
///
/// A number has the digits of its topic. Everything else is a text. A value that is held back, or that the last telegram did
/// not have, is left out.
extension DeviceTopics {
  /// The text of the object.
  var stateObject: String {
    var json = JSONText()
    json.object { object in
      for (value, field) in zip(values, layout) where value.isCurrent && !value.isGone && !field.isState {
        guard let newest = value.newest else { continue }
        if field.isNumber, let number = FixedDecimal(plain: newest) {
          object.member(field.level, number)
        } else {
          object.member(field.level, newest)
        }
      }
    }
    return json.text
  }
}

extension FieldDescription {
  /// The topic of the object. It has a place among the fields, so that it is sent, kept and cleared like one.
  static let state = FieldDescription(level: "state", key: FieldKey(.code), unit: .none, isNumber: false)

  /// Whether it is the object of all fields, and not a field.
  package var isState: Bool { level == Self.state.level }
}
