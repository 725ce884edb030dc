/// When each of many has something to do next. It is set and taken in logarithmic time, and nobody else is asked.
///
/// Those that are named are known by small numbers, such as places in a list. Of two with the same time, that which was set
/// first comes first.
package struct Deadlines: Sendable {
  private struct Entry: Sendable {
    var due: Instant
    var turn: UInt64
    var key: Int32

    func isBefore(_ other: Entry) -> Bool { (due, turn) < (other.due, other.turn) }
  }

  /// A binary heap.
  private var entries: [Entry] = []
  /// Where each key is in `entries`; -1 for one without a time.
  private var places: [Int32] = []
  private var turns: UInt64 = 0

  package init() {}

  /// The earliest time; nil for none.
  package var first: Instant? { entries.first?.due }

  /// Sets the time of a key; nil for none.
  package mutating func set(_ key: Int, _ due: Instant?) {
    while places.count <= key { places.append(-1) }
    let place = Int(places[key])
    guard let due else {
      if place >= 0 { remove(at: place) }
      return
    }
    guard place < 0 || entries[place].due != due else { return }
    turns += 1
    let entry = Entry(due: due, turn: turns, key: Int32(key))
    if place >= 0 { return settle(entry, at: place) }
    entries.append(entry)
    settle(entry, at: entries.count - 1)
  }

  /// Takes the key whose time came first; nil if none has come.
  package mutating func popDue(at now: Instant) -> Int? {
    guard let first = entries.first, first.due <= now else { return nil }
    remove(at: 0)
    return Int(first.key)
  }

  /// Takes all whose time has come, in its order. One that is set anew meanwhile is for the next call.
  package mutating func takeDue(at now: Instant) -> [Int] {
    var due: [Int] = []
    while let key = popDue(at: now) { due.append(key) }
    return due
  }

  package mutating func removeAll() {
    entries.removeAll()
    places.removeAll()
  }

  private mutating func remove(at place: Int) {
    places[Int(entries[place].key)] = -1
    let last = entries.removeLast()
    if place < entries.count { settle(last, at: place) }
  }

  /// Puts an entry where it belongs, from a place that is free.
  private mutating func settle(_ entry: Entry, at free: Int) {
    var place = free
    while place > 0, entry.isBefore(entries[(place - 1) / 2]) {
      put(entries[(place - 1) / 2], at: place)
      place = (place - 1) / 2
    }
    while true {
      var child = 2 * place + 1
      guard child < entries.count else { break }
      if child + 1 < entries.count, entries[child + 1].isBefore(entries[child]) { child += 1 }
      guard entries[child].isBefore(entry) else { break }
      put(entries[child], at: place)
      place = child
    }
    put(entry, at: place)
  }

  private mutating func put(_ entry: Entry, at place: Int) {
    entries[place] = entry
    places[Int(entry.key)] = Int32(place)
  }
}
