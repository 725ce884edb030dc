/// Totals by their keys. They are few, so a list takes a fifth of the memory of a dictionary, and is as fast.
package struct RegisterTable<Key: Equatable & Sendable>: Sendable {
  package typealias Element = (key: Key, total: GuardedTotal)

  private var elements: [Element] = []

  package var count: Int { elements.count }

  /// Room for so many.
  package mutating func reserve(_ count: Int) { elements.reserveCapacity(count) }
  package var keys: [Key] { elements.map(\.key) }

  package subscript(key: Key) -> GuardedTotal? {
    get { elements.first { $0.key == key }?.total }
    set {
      switch (elements.firstIndex { $0.key == key }, newValue) {
      case (let place?, let total?): elements[place].total = total
      case (let place?, nil): elements.remove(at: place)
      case (nil, let total?):
        // One more, and no room for others: a register comes once, and stays.
        reserve(elements.count + 1)
        elements.append((key, total))
      case (nil, nil): break
      }
    }
  }

  package mutating func removeValue(forKey key: Key) -> GuardedTotal? {
    elements.firstIndex { $0.key == key }.map { elements.remove(at: $0).total }
  }
}

extension RegisterTable: Sequence {
  package func makeIterator() -> IndexingIterator<[Element]> { elements.makeIterator() }
}

extension RegisterTable: Equatable {
  /// Whatever the order.
  package static func == (left: RegisterTable, right: RegisterTable) -> Bool {
    left.count == right.count && left.elements.allSatisfy { right[$0.key] == $0.total }
  }
}

extension RegisterTable: ExpressibleByDictionaryLiteral {
  package init(dictionaryLiteral elements: (Key, GuardedTotal)...) {
    for (key, total) in elements { self[key] = total }
  }
}
