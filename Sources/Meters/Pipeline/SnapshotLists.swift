internal import Base
internal import Decoders

/// Finds lists of a meter that tell an older value of a register than its other lists do.
///
/// Some DLMS meters push one list every few seconds, and another one each quarter of an hour with the registers as they
/// stood at its beginning. The newer value counts. A list is known by its fields.
struct SnapshotLists: Sendable {
  private struct List: Sendable {
    /// The hash of its fields.
    var fields: Int
    /// Whether another list told a good value since.
    var isOvertaken = false
    /// Whether its lower values are expected.
    var isKnown = false
  }

  private var lists: [List] = []

  /// A list told a lower value. Returns true once: when the list has done so before, with a good value of another list in
  /// between.
  mutating func fell(in fields: Int) -> Bool {
    guard let index = lists.firstIndex(where: { $0.fields == fields }) else {
      if lists.count == Limits.snapshotLists { lists.removeFirst() }
      lists.append(List(fields: fields))
      return false
    }
    guard lists[index].isOvertaken, !lists[index].isKnown else { return false }
    lists[index].isKnown = true
    return true
  }

  /// A list told a good value.
  mutating func rose(in fields: Int) {
    for index in lists.indices where lists[index].fields != fields { lists[index].isOvertaken = true }
  }

  /// Whether lower values of this list are expected.
  func expectsLess(in fields: Int) -> Bool { lists.contains { $0.isKnown && $0.fields == fields } }
}

extension Reading {
  /// A number for the set of its fields in their order.
  var list: Int {
    var hasher = Hasher()
    for field in fields { hasher.combine(field.key) }
    return hasher.finalize()
  }
}
