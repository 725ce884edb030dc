/// First in, first out. `popFirst` rarely moves the other elements.
package struct Queue<Element: Sendable>: Sendable {
  fileprivate var elements: [Element?] = []
  fileprivate var head = 0

  private static var roomKept: Int { 64 }

  package init() {}

  /// Kept, because others ask for it all the time: in their modules the array is of no known type, and slow to ask.
  package private(set) var count = 0
  package var isEmpty: Bool { count == 0 }
  package var first: Element? { isEmpty ? nil : elements[head] }
  package var last: Element? { isEmpty ? nil : elements[elements.count - 1] }

  /// The elements that have room in memory.
  var room: Int { elements.capacity }

  package mutating func append(_ element: Element) {
    elements.append(element)
    count += 1
  }

  package mutating func popFirst() -> Element? {
    guard !isEmpty else { return nil }
    let element = elements[head]
    elements[head] = nil
    head += 1
    count -= 1
    if count == 0 {
      elements.removeAll(keepingCapacity: room <= Self.roomKept)
      head = 0
    } else if head > count {
      // The room of a crowd is given back while it goes.
      if room > Self.roomKept, room > 4 * count {
        elements = Array(elements[head...])
      } else {
        elements.removeFirst(head)
      }
      head = 0
    }
    return element
  }

  package mutating func removeAll() {
    elements.removeAll()
    (head, count) = (0, 0)
  }
}

extension Queue: Sequence {
  /// Oldest first.
  package func makeIterator() -> some IteratorProtocol<Element> {
    elements[head...].lazy.compactMap { $0 }.makeIterator()
  }
}
