/// The classic discovery documents of a device's fields, by the places of the fields. Without that form it is empty.
struct EntityTopics: Sendable {
  struct Topic: Sendable {
    var state = TopicState()
    /// The hash of the last document on this connection.
    var hash: UInt64?
  }

  private var topics: [Topic] = []

  subscript(place: Int) -> Topic {
    get { place < topics.count ? topics[place] : Topic() }
    set {
      while topics.count <= place { topics.append(Topic()) }
      topics[place] = newValue
    }
  }

  /// The place is for another field now.
  mutating func forget(_ place: Int) { if place < topics.count { topics[place] = Topic() } }

  /// The document is not to be there any more.
  mutating func forgetDocument(_ place: Int) { if place < topics.count { topics[place].hash = nil } }
}
