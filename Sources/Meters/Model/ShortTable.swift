/// A few values by their keys, in a list with room for no others. It takes a fifth of the memory of a dictionary, and is as
/// fast while they are few.
package struct ShortTable<Key: Equatable & Sendable, Value: Sendable>: Sendable {
  package typealias Element = (key: Key, value: Value)

  private var elements: [Element] = []

  package init() {}

  package var count: Int { elements.count }

  /// Room for so many.
  package mutating func reserve(_ count: Int) { elements.reserveCapacity(count) }
  package var keys: [Key] { elements.map(\.key) }

  package subscript(key: Key) -> Value? {
    get { place(of: key).map { elements[$0].value } }
    set {
      switch (place(of: key), newValue) {
      case (let place?, let value?): elements[place].value = value
      case (let place?, nil): elements.remove(at: place)
      case (nil, let value?): append(key, value)
      case (nil, nil): break
      }
    }
  }

  /// The value of a key, which is changed where it is.
  package subscript(key: Key, default value: @autoclosure () -> Value) -> Value {
    get { self[key] ?? value() }
    _modify {
      let known = place(of: key)
      if known == nil { append(key, value()) }
      yield &elements[known ?? elements.count - 1].value
    }
  }

  package mutating func removeValue(forKey key: Key) -> Value? {
    place(of: key).map { elements.remove(at: $0).value }
  }

  private func place(of key: Key) -> Int? { elements.firstIndex { $0.key == key } }

  /// One more, and no room for others: a key comes once, and stays.
  private mutating func append(_ key: Key, _ value: Value) {
    reserve(elements.count + 1)
    elements.append((key, value))
  }
}

extension ShortTable: Sequence {
  package func makeIterator() -> IndexingIterator<[Element]> { elements.makeIterator() }
}

extension ShortTable: Equatable where Value: Equatable {
  /// Whatever the order.
  package static func == (left: ShortTable, right: ShortTable) -> Bool {
    left.count == right.count && left.elements.allSatisfy { right[$0.key] == $0.value }
  }
}

extension ShortTable: ExpressibleByDictionaryLiteral {
  package init(dictionaryLiteral elements: (Key, Value)...) {
    for (key, value) in elements { self[key] = value }
  }
}
