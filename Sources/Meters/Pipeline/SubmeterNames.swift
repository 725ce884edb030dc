internal import Base
internal import Decoders

/// The topic ids of sub-meters: `<meter>_<medium>`, and `<meter>_<medium>_2` for the next one of the same medium.
///
/// An id belongs to a sub-meter's own number. So a lost line never gives the topics of one meter to another.
package struct SubmeterNames: Sendable {
  private struct Known {
    var id: String
    var medium: Medium
    var serial: String?
  }

  private let parent: String
  private var known: [Known] = []

  /// - Parameters:
  ///   - parent: the id of the meter.
  ///   - devices: the devices in the state file.
  init(parent: String, devices: [Device]) {
    self.parent = parent
    known = devices.filter { $0.parent == parent }.map { Known(id: $0.id, medium: $0.medium, serial: $0.serial) }
  }

  /// The meter behind which another one could get an id: `grid` for `grid_gas` and `grid_gas_2`; nil if there is none.
  package static func owner(of id: String, among parents: Set<String>) -> String? {
    var base = id[...]
    if let line = id.lastIndex(of: "_"), let number = Int(digits: String(id[id.index(after: line)...])), number > 1 {
      base = id[..<line]
    }
    for medium in Medium.allCases where base.hasSuffix("_" + medium.name) {
      let owner = String(base.dropLast(medium.name.count + 1))
      if parents.contains(owner) { return owner }
    }
    return nil
  }

  /// Whether an id is one that a meter behind a meter may have.
  package static func isSubmeter(_ id: String, of parent: String) -> Bool {
    Medium.allCases.contains { medium in
      let base = "\(parent)_\(medium.name)"
      return id == base || id.hasPrefix(base + "_") && UInt(digits: String(id.dropFirst(base.count + 1))) != nil
    }
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
    // A new meter takes over the id of the exchanged one, which is gone.
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
