internal import Base
internal import Decoders
internal import Meters

/// The newest value of one state topic. The topic's text is made when it is sent.
struct ValueTopic: Sendable {
  var field: FieldDescription
  var state = TopicState()
  /// Nil for a field of an earlier run that has not come yet.
  var newest: String?
  /// The value last handed over.
  var standing: String?
  var handedOver: Instant?
  /// Whether it came since the start, or since the id was given to another meter.
  var isSeen = false
  /// Removed. The place stays, so that the places of the others stay.
  var isGone = false

  init(_ field: FieldDescription) { self.field = field }

  /// Whether the newest value has not been handed over.
  var isUnsaid: Bool { newest != nil && newest != standing }

  /// How far the newest value is from the one that was handed over; nil unless both are numbers.
  var difference: FixedDecimal? {
    guard let newest = newest.flatMap({ FixedDecimal(plain: $0) }),
      let standing = standing.flatMap({ FixedDecimal(plain: $0) })
    else { return nil }
    return standing.isBelow(newest) ? newest - standing : standing - newest
  }
}
