/// First in, first out. `popFirst` rarely moves the other elements.
///
/// Its code is inlinable: without that, other modules would ask the runtime for the type of its array at each step.
package struct Queue<Element: Sendable>: Sendable {
  @usableFromInline package var elements: [Element?] = []
  @usableFromInline package var head = 0

  @inlinable package init() {}

  @inlinable package var count: Int { elements.count - head }
  @inlinable package var isEmpty: Bool { count == 0 }
  @inlinable package var first: Element? { isEmpty ? nil : elements[head] }
  @inlinable package var last: Element? { isEmpty ? nil : elements[elements.count - 1] }

  /// The elements that have room in memory.
  @inlinable package var room: Int { elements.capacity }

  @inlinable package mutating func append(_ element: Element) { elements.append(element) }

  @inlinable package mutating func popFirst() -> Element? {
    guard !isEmpty else { return nil }
    let element = elements[head]
    elements[head] = nil
    head += 1
    let roomKept = 64
    if head == elements.count {
      elements.removeAll(keepingCapacity: room <= roomKept)
      head = 0
    } else if head * 2 > elements.count {
      // The room of a crowd is given back while it goes.
      if room > roomKept, room > 4 * count {
        elements = Array(elements[head...])
      } else {
        elements.removeFirst(head)
      }
      head = 0
    }
    return element
  }

  @inlinable package mutating func removeAll() {
    elements.removeAll()
    head = 0
  }
}

extension Queue: Sequence {
  /// Oldest first.
  package func makeIterator() -> some IteratorProtocol<Element> {
    elements[head...].lazy.compactMap { $0 }.makeIterator()
  }
}
