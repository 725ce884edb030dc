internal import Base
internal import Decoders
internal import Meters

/// The newest value of one state topic. There are dozens for each meter, so its members have the order that takes the least
/// room, and what only some topics need is elsewhere.
struct ValueTopic: Sendable {
  /// Nil for a field of an earlier run that has not come again yet.
  var newest: String?
  /// The last value that was handed over.
  var standing: String?
  var handedOver: Instant? {
    get { handed.instant }
    set { handed = PossibleInstant(newValue) }
  }
  private var handed = PossibleInstant(nil)
  /// When it came last, in whole seconds; for a field of an earlier run, the first reading of this run.
  var lastSeen: Instant? {
    get { seen < 0 ? nil : Instant(milliseconds: Int64(seen) * 1000) }
    set { seen = newValue.map { Int32(clamping: $0.milliseconds / 1000) } ?? -1 }
  }
  private var seen: Int32 = -1
  var state = TopicState()
  private var marks: Marks = []

  /// Whether the field came since the start, or since another meter got the id.
  var isSeen: Bool {
    get { marks.contains(.seen) }
    set { marks.set(.seen, newValue) }
  }
  /// Whether the meter has told it last: not missing from a telegram that has all fields, and not held back.
  var isCurrent: Bool {
    get { marks.contains(.current) }
    set { marks.set(.current, newValue) }
  }
  /// Whether the topic was removed. It stays in the list, so that the places of others stay the same.
  var isGone: Bool {
    get { marks.contains(.gone) }
    set { marks.set(.gone, newValue) }
  }

  private struct Marks: OptionSet {
    var rawValue: UInt8

    static let seen = Marks(rawValue: 1)
    static let current = Marks(rawValue: 2)
    static let gone = Marks(rawValue: 4)

    mutating func set(_ mark: Marks, _ isSet: Bool) { if isSet { insert(mark) } else { remove(mark) } }
  }

  /// Whether the newest value has not been handed over.
  var isUnsaid: Bool { newest != nil && newest != standing }

  mutating func noteSeen(at now: Instant) {
    isSeen = true
    lastSeen = now
  }

  /// The difference between the newest value and the one that was handed over; nil unless both are numbers.
  var difference: FixedDecimal? {
    guard let newest = newest.flatMap({ FixedDecimal(plain: $0) }),
      let standing = standing.flatMap({ FixedDecimal(plain: $0) })
    else { return nil }
    return standing.isBelow(newest) ? newest - standing : standing - newest
  }
}

extension FieldDescription {
  /// Whether the field has a name of the vocabulary, and not only a code. The object of all values counts as named.
  var isNamed: Bool { key.name != .code || isState }
}
