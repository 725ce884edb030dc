internal import Meters

/// Topics that are not in use any more, until an empty payload has cleared them on the broker.
///
/// Unfinished ones stay in the retained state, so that the next start goes on with them.
struct TopicRemovals: Sendable {
  enum Owner: Hashable, Sendable {
    /// A device that is no longer configured.
    case device(String)
    /// A field of a device that stays.
    case field
    /// The root, prefix or node of an earlier run.
    case former
    /// The other form of discovery, of an earlier run. Home Assistant is told first that its entities change over.
    case formerForm
  }

  private struct Clearing: Sendable {
    var topic: String
    var owner: Owner
    var state = TopicState()
    /// Whether Home Assistant has been told on this connection.
    var isTold = false
  }

  /// The retained topics of an earlier run, until the first configuration was compared with them.
  private var earlier: RetainedState
  /// Devices whose topics are being removed.
  private var leaving: [RetainedState.Entry] = []
  private var clearings: [Int: Clearing] = [:]
  private var lastClearing = 0
  private var hasChanged = false

  init(earlier: RetainedState) { self.earlier = earlier }

  // MARK: Topics to clear

  /// The numbers of topics that are still to be cleared.
  var numbers: [Int] { clearings.keys.sorted() }

  func topic(_ number: Int) -> String? { clearings[number]?.topic }

  func isFormer(_ number: Int) -> Bool {
    clearings[number].map { $0.owner == .former || $0.owner == .formerForm } ?? false
  }

  /// The numbers of documents in a form that is not wanted any more.
  var ofFormerForm: [Int] { numbers.filter { clearings[$0]?.owner == .formerForm } }

  /// Whether Home Assistant must be told before the topic is cleared.
  func mustTell(_ number: Int) -> Bool { clearings[number].map { $0.owner == .formerForm && !$0.isTold } ?? false }

  /// Whether Home Assistant must be told of any topic.
  var mustTell: Bool { clearings.keys.contains(where: mustTell) }

  /// Home Assistant has been told that the entities of a topic change over.
  mutating func told(_ number: Int) { clearings[number]?.isTold = true }

  mutating func change<Result>(_ number: Int, _ body: (inout TopicState) -> Result) -> Result? {
    clearings[number]?.state.change(body)
  }

  /// Takes topics that are to be cleared. Returns their numbers.
  mutating func clear(_ topics: [String], of owner: Owner) -> [Int] {
    topics.map { topic in
      lastClearing += 1
      clearings[lastClearing] = Clearing(topic: topic, owner: owner)
      return lastClearing
    }
  }

  /// Removes a device with these topics. Returns their numbers.
  mutating func leave(_ entry: RetainedState.Entry, topics: [String]) -> [Int] {
    hasChanged = true
    if !topics.isEmpty { leaving.append(entry) }
    return clear(topics, of: .device(entry.device.id))
  }

  /// The topic is empty now.
  mutating func finish(_ number: Int) {
    guard let done = clearings.removeValue(forKey: number) else { return }
    guard !clearings.values.contains(where: { $0.owner == done.owner }) else { return }
    switch done.owner {
    case .device(let id): leaving.removeAll { $0.device.id == id }
    case .formerForm: break
    case .field, .former: return
    }
    hasChanged = true
  }

  mutating func disconnected() {
    for number in clearings.keys {
      clearings[number]?.state = TopicState()
      clearings[number]?.isTold = false
    }
  }

  // MARK: The retained state

  /// A device or its fields have changed, and so has the retained state.
  mutating func noteChange() { hasChanged = true }

  /// The retained state of an earlier run. It has devices until `forgetEarlier`.
  var former: RetainedState { earlier }

  mutating func forgetEarlier() { earlier.devices.removeAll() }

  /// What was published of a device that is back; nil for nothing. Its topics are not cleared.
  mutating func takeBack(_ id: String) -> RetainedState.Entry? {
    let known = (earlier.devices + leaving).first { $0.device.id == id }
    leaving.removeAll { $0.device.id == id }
    clearings = clearings.filter { $0.value.owner != .device(id) }
    hasChanged = true
    return known
  }

  /// The devices that are being removed, if the retained state has changed since the last call.
  ///
  /// Nil while topics of an earlier root, prefix or node are left: the state file has only one of each.
  mutating func takeChange() -> [RetainedState.Entry]? {
    guard hasChanged, !clearings.values.contains(where: { $0.owner == .former }) else { return nil }
    hasChanged = false
    return leaving
  }
}
