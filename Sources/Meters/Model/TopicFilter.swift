package import Base

/// A topic to subscribe to, which may hold `+` for any one level. `$share/GROUP/` before it has the broker give each message
/// to one subscriber of the group (MQTT 5, 4.7 and 4.8.2).
package struct TopicFilter: Hashable, Sendable {
  /// As the broker gets it.
  package let text: String
  /// Without `$share/GROUP/`.
  private let levels: [Substring]

  /// - Throws: why it cannot be subscribed to.
  package init(_ text: String) throws(InvalidValue) {
    guard text.utf8.count <= Limits.configuredTopicBytes else {
      throw InvalidValue("is too long: at most \(Limits.configuredTopicBytes) bytes")
    }
    try refuseControls(text)
    var levels = text.split(separator: "/", omittingEmptySubsequences: false)[...]
    if levels.first == "$share" {
      guard levels.count > 2, !levels[1].isEmpty, !levels[1].utf8.contains(UInt8(ascii: "+")) else {
        throw InvalidValue("is not a shared subscription: mqtt:$share/GROUP/TOPIC")
      }
      levels = levels.dropFirst(2)
    }
    guard levels.contains(where: { !$0.isEmpty }) else { throw InvalidValue("has no topic in it: mqtt:TOPIC") }
    guard levels.first?.hasPrefix("$") == false else {
      throw InvalidValue("is not a topic of telegrams: those that begin with `$` are the broker's")
    }
    guard !text.utf8.contains(UInt8(ascii: "#")) else {
      throw InvalidValue("is not a topic of telegrams: `#` would take everything below it; `+` stands for one level")
    }
    guard levels.allSatisfy({ $0 == "+" || !$0.utf8.contains(UInt8(ascii: "+")) }) else {
      throw InvalidValue("is not a topic: `+` stands for a whole level, as in `meters/+/raw`")
    }
    self.text = text
    self.levels = Array(levels)
  }

  /// Whether the broker gives each message to one subscriber of a group.
  package var isShared: Bool { Self.isShared(text) }

  package static func isShared(_ text: String) -> Bool { text.hasPrefix("$share/") }

  /// Whether it stands for many topics.
  package var hasWildcard: Bool { levels.contains("+") }

  /// The topic, unless it stands for many.
  package var only: String? { hasWildcard ? nil : levels.joined(separator: "/") }

  /// The levels of a topic where the filter has `+`; nil if the filter does not take the topic.
  package func match(_ topic: String) -> [Substring]? {
    let found = topic.split(separator: "/", omittingEmptySubsequences: false)
    guard found.count == levels.count, zip(levels, found).allSatisfy({ $0 == "+" || $0 == $1 }) else { return nil }
    return zip(levels, found).filter { $0.0 == "+" }.map(\.1)
  }

  /// Whether both take some topic.
  package func overlaps(_ other: TopicFilter) -> Bool {
    levels.count == other.levels.count && zip(levels, other.levels).allSatisfy { $0 == "+" || $1 == "+" || $0 == $1 }
  }
}
