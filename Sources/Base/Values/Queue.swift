/// First in, first out. `popFirst` rarely moves the other elements.
package struct Queue<Element: Sendable>: Sendable {
  /// The elements from `head` on, and nil where there is room.
  fileprivate var elements: [Element?] = []
  fileprivate var head = 0

  private static var roomKept: Int { 64 }

  package init() {}

  /// Kept, because others ask for it all the time: in their modules the array is of no known type, and slow to ask.
  package private(set) var count = 0
  package var isEmpty: Bool { count == 0 }
  package var first: Element? { isEmpty ? nil : elements[head] }
  package var last: Element? { isEmpty ? nil : elements[end - 1] }

  /// Behind the last element.
  fileprivate var end: Int { head + count }

  /// The elements that have room in memory.
  var room: Int { elements.capacity }

  package mutating func append(_ element: Element) {
    if end < elements.count { elements[end] = element } else { elements.append(element) }
    count += 1
  }

  package mutating func popFirst() -> Element? {
    guard !isEmpty else { return nil }
    let element = elements[head]
    elements[head] = nil
    head += 1
    count -= 1
    if count == 0 {
      // Most queues hold one element at a time: to take out what is nil already would cost more than all the rest.
      if room > Self.roomKept { elements = [] }
      head = 0
    } else if head > count {
      // The room of a crowd is given back while it goes.
      if room > Self.roomKept, room > 4 * count {
        elements = Array(elements[head..<end])
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
    elements[head..<end].lazy.compactMap { $0 }.makeIterator()
  }
}
