internal import Base
internal import Decoders

/// Finds lists of a meter that tell older values of its registers than its other lists do.
///
/// Some DLMS meters push one list every few seconds, and another one each quarter of an hour with the registers as they
/// stood at its beginning. The newer value counts. A list is known by its fields.
struct SnapshotLists: Sendable {
  private struct Suspect: Sendable {
    /// The list, as `Reading.list` numbers it.
    var list: Int
    /// Whether another list told a good value of the register since.
    var isOvertaken = false
  }

  /// Lists that told a lower value of a register once.
  private var suspects: [FieldKey: [Suspect]] = [:]
  /// Lists whose lower values are expected.
  private var known: [Int] = []

  /// A list told a lower value. Returns true once for a list: when it has done so before, with a good value of another
  /// list in between.
  mutating func fell(_ key: FieldKey, in list: Int) -> Bool {
    guard let suspect = suspects[key]?.first(where: { $0.list == list }) else {
      suspects[key] = (suspects[key, default: []] + [Suspect(list: list)]).suffix(Limits.snapshotLists)
      return false
    }
    guard suspect.isOvertaken, !known.contains(list) else { return false }
    known = (known + [list]).suffix(Limits.snapshotLists)
    return true
  }

  /// A reading told a good value.
  mutating func rose(_ key: FieldKey, in reading: Reading) {
    guard let all = suspects[key], all.contains(where: { !$0.isOvertaken }) else { return }
    let list = reading.list
    suspects[key] = all.map { Suspect(list: $0.list, isOvertaken: $0.isOvertaken || $0.list != list) }
  }

  /// Whether lower values of a reading are expected.
  func expectsLess(in reading: Reading) -> Bool { !known.isEmpty && known.contains(reading.list) }
}

extension Reading {
  /// A number for its fields in their order.
  var list: Int {
    var hasher = Hasher()
    for field in fields { hasher.combine(field.key) }
    return hasher.finalize()
  }
}
