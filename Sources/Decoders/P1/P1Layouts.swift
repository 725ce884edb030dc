import Synchronization

/// The layouts that meters send, of all meters together: most of them are of few makes, and one for each meter would take
/// kilobytes.
///
/// None is forgotten, so that decoders on several threads need no lock. Where there is no room for another one, its telegrams
/// are read line by line.
final class P1Layouts: Sendable {
  /// Those of all meters of the program.
  static let shared = P1Layouts()

  private static let limit = 8
  private let layouts = [8 of AtomicLazyReference<P1Layout>] { _ in AtomicLazyReference() }
  /// How many of them are there.
  private let count = Atomic(0)

  var isFull: Bool { count.load(ordering: .relaxed) >= Self.limit }

  /// The readings of a telegram of a known layout; nil for every other one.
  func readings(_ telegram: Span<UInt8>, utcOffset: Int16?) -> [Reading]? {
    let count = count.load(ordering: .acquiring)
    var index = 0
    while index < count {
      if let readings = layouts[index].load()?.readings(telegram, utcOffset: utcOffset) { return readings }
      index &+= 1
    }
    return nil
  }

  /// Takes a layout, if there is room.
  func learn(_ layout: P1Layout) {
    for index in 0..<Self.limit where layouts[index].storeIfNil(layout) === layout {
      count.add(1, ordering: .acquiringAndReleasing)
      return
    }
  }
}
