import Decoders

@testable import Base
@testable import Simulator

/// The secondary search of libmbus 0.10.0 (`mbus_scan_2nd_address_range`), to count its requests.
///
/// From the first digit on, ten values of each wildcard are selected, the four digits of the manufacturer and those of version
/// and medium too. What is silent is selected twice. What acknowledges is read.
struct LibmbusSearch {
  private enum Probe { case nothing, single, collision }

  var bus: BusSimulation
  private(set) var found = 0

  init(_ bus: BusSimulation) { self.bus = bus }

  var requests: Int { bus.requests.selections + bus.requests.readouts }

  mutating func run() { search([UInt8](repeating: 15, count: 16), from: 0) }

  private mutating func search(_ mask: [UInt8], from place: Int) {
    guard place < mask.count else { return }
    for digit in UInt8(0)...9 {
      var mask = mask
      mask[place] = digit
      switch probe(mask) {
      case .nothing: break
      case .single: found += 1
      case .collision: search(mask, from: place + 1)
      }
    }
  }

  private mutating func probe(_ mask: [UInt8]) -> Probe {
    let text = (0..<8).map { mask[2 * $0] << 4 | mask[2 * $0 + 1] }
    let select = MBusFrame.long(
      control: 0x53, address: 0xFD, information: 0x52, data: text.prefix(4).reversed() + text.dropFirst(4))
    // One repeat, of silence only (`max_search_retry`).
    for _ in 0..<2 {
      let answer = ask(select)
      if answer.isEmpty { continue }
      guard answer == [0xE5] else { return .collision }
      let data = ask(.short(control: 0x5B, address: 0xFD))
      if data.isEmpty { return .nothing }
      return (try? MBusFrame(parsing: data.span)) == nil ? .collision : .single
    }
    return .nothing
  }

  private mutating func ask(_ frame: MBusFrame) -> [UInt8] {
    let moment = SimulatedMoment(now: Instant(milliseconds: 0), world: simulatedNoon)
    return bus.receive(frame.bytes, at: moment).flatMap(\.bytes)
  }
}

/// The fewest selections with which a search by digits can find all slaves, if an oracle names the best digit each time.
///
/// Where several slaves answer, each of ten digits must be asked for, at one place of the number. Equal numbers cost nothing
/// here, so that this is less than any search needs.
struct FewestSelections {
  private var known: [Key: Int] = [:]

  private struct Key: Hashable {
    var numbers: [String]
    var places: [Int]
  }

  mutating func count(_ numbers: [String]) -> Int { 1 + split(numbers.sorted(), Array(0..<8)) }

  private mutating func split(_ numbers: [String], _ places: [Int]) -> Int {
    guard numbers.count > 1, !places.isEmpty else { return 0 }
    let key = Key(numbers: numbers, places: places)
    if let count = known[key] { return count }
    var fewest = Int.max
    for place in places {
      let groups = Dictionary(grouping: numbers) { $0[$0.index($0.startIndex, offsetBy: place)] }
      guard groups.count > 1 else { continue }
      let rest = places.filter { $0 != place }
      fewest = min(fewest, groups.values.reduce(10) { $0 + split($1, rest) })
    }
    if fewest == Int.max { fewest = 0 }
    known[key] = fewest
    return fewest
  }
}
