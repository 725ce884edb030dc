internal import Decoders

/// Which topic id a sub-meter has: `<meter>_<medium>`, the next of the same medium `<meter>_<medium>_2`.
///
/// Bound to the sub-meter's own number, so that a line lost in one telegram never hands one meter's topics to another.
struct SubmeterNames: Sendable {
  private struct Known {
    var id: String
    var medium: Medium
    var serial: String?
  }

  private let parent: String
  private var known: [Known] = []

  /// `devices` is what the state file knows of the sub-meters behind this meter.
  init(parent: String, devices: [Device]) {
    self.parent = parent
    known = devices.filter { $0.parent == parent }.map { Known(id: $0.id, medium: $0.medium, serial: $0.serial) }
  }

  /// The ids of a telegram's sub-meters, in the order of their readings.
  mutating func ids(for readings: some Collection<Reading>) -> [String] {
    let present = Set(readings.compactMap(\.meterNumber))
    var taken: Set<String> = []
    return readings.map { reading in
      let id = id(medium: reading.meter.medium, serial: reading.meterNumber, present: present, taken: taken)
      taken.insert(id)
      return id
    }
  }

  private mutating func id(medium: Medium, serial: String?, present: Set<String>, taken: Set<String>) -> String {
    let candidates = known.indices.filter { known[$0].medium == medium && !taken.contains(known[$0].id) }
    if let serial, let index = candidates.first(where: { known[$0].serial == serial }) { return known[index].id }
    // A meter that was exchanged takes over the name of the one that is no longer there.
    let free = candidates.first { index in
      guard serial != nil, let old = known[index].serial else { return true }
      return !present.contains(old)
    }
    if let free {
      if serial != nil { known[free].serial = serial }
      return known[free].id
    }
    let base = "\(parent)_\(medium.name)"
    var id = base
    var number = 1
    while known.contains(where: { $0.id == id }) {
      number += 1
      id = "\(base)_\(number)"
    }
    known.append(Known(id: id, medium: medium, serial: serial))
    return id
  }
}
