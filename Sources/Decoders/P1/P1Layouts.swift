import Synchronization

/// The layouts that meters send, of all meters together: most of them are of few makes, and one for each meter would take
/// kilobytes.
///
/// None is forgotten, so that decoders on several threads need no lock. Where there is no room for another one, its telegrams
/// are read line by line.
final class P1Layouts: Sendable {
  /// Those of all meters of the program.
  static let shared = P1Layouts()

  /// Filled from the front.
  private let layouts = [8 of AtomicLazyReference<P1Layout>] { _ in AtomicLazyReference() }

  var isFull: Bool { layouts[layouts.count - 1].load() != nil }

  /// The readings of a telegram of a known layout; nil for every other one.
  func readings(_ telegram: Span<UInt8>, utcOffset: Int16?) -> [Reading]? {
    for index in layouts.indices {
      guard let layout = layouts[index].load() else { return nil }
      if let readings = layout.readings(telegram, utcOffset: utcOffset) { return readings }
    }
    return nil
  }

  /// Takes a layout, if there is room.
  func learn(_ layout: P1Layout) {
    for index in layouts.indices where layouts[index].storeIfNil(layout) === layout { return }
  }
}
