internal import Base
internal import Decoders
internal import Meters

/// The last accepted totals and those held back: a section of the state file. It keeps a total from going backwards
/// over a restart.
struct GuardedTotals: Equatable, Sendable, StateSection {
  static let sectionName = "totals"

  /// By the id of the configured meter, then by its own or a sub-meter's.
  var meters: [String: [String: DeviceTotals]] = [:]

  init() {}

  /// Reads what `encoded` wrote. An unreadable entry is left out: its register starts again.
  init(parsing json: [UInt8]) throws(YAMLError) {
    guard let root = try YAMLDocument(json).root else { return }
    for (meter, devices) in root.members {
      for (id, device) in devices.members {
        let members = Dictionary(device.members) { first, _ in first }
        var known = DeviceTotals()
        // Older files lack the rank. Then the number is learnt anew.
        if let rank = members["serial_rank"]?.text.flatMap({ UInt8($0) }), let serial = members["serial"]?.text {
          known.number = MeterNumber(serial, rank: rank)
          known.formerNumbers = (members["former_serials"]?.texts ?? []).suffix(Limits.formerNumbers)
        }
        for (level, total) in members["totals"]?.members ?? [] {
          known.totals[level] = GuardedTotal(total)
        }
        meters[meter, default: [:]][id] = known
      }
    }
  }

  func encoded() -> [UInt8] { Encoded(of: meters.keys) { meters[$0] ?? [:] }.json }

  /// The same section as its text. It is made of one meter after the other, so that the totals of all meters are not in
  /// memory twice.
  struct Encoded: StateSection {
    static let sectionName = GuardedTotals.sectionName
    static let isKept = false

    let json: [UInt8]

    /// - Parameters:
    ///   - ids: the meters.
    ///   - totals: the totals of one of them and its sub-meters.
    init(of ids: some Sequence<String>, _ totals: (String) -> [String: DeviceTotals]) {
      var json = JSONText()
      json.object { json in
        for id in ids.sorted() {
          json.object(id) { json in
            for (id, device) in totals(id).sorted(by: { $0.key < $1.key }) { json.object(id) { $0.device(device) } }
          }
        }
      }
      self.json = json.bytes
    }

    func encoded() -> [UInt8] { json }
  }
}

extension JSONText {
  fileprivate mutating func device(_ device: DeviceTotals) {
    if let number = device.number {
      member("serial", number.text)
      member("serial_rank", Int(number.rank))
    }
    if !device.formerNumbers.isEmpty {
      array("former_serials") { json in device.formerNumbers.forEach { json.value($0) } }
    }
    object("totals") { json in
      for (level, total) in device.totals.sorted(by: { $0.key < $1.key }) {
        json.object(level) { json in
          json.member("unit", total.unit.symbol)
          if let believed = total.believed { json.sighting(believed, "value", "at") }
          if let held = total.held {
            json.sighting(held.newest, "held", "held_at")
            json.member("telegrams", held.telegrams)
          }
        }
      }
    }
  }

  /// A text, so that no reader takes digits away.
  private mutating func sighting(_ sighting: GuardedTotal.Sighting, _ value: String, _ time: String) {
    let number = sighting.value
    member(value, number.exponent > 0 ? "\(number.mantissa)e\(number.exponent)" : number.description)
    member(time, sighting.at.wall.description)
  }
}

extension GuardedTotal {
  /// Nil without a unit.
  fileprivate init?(_ node: YAMLNode) {
    let members = Dictionary(node.members) { first, _ in first }
    func sighting(_ value: String, _ time: String) -> Sighting? {
      guard let number = members[value]?.text.flatMap({ FixedDecimal(plain: $0) }),
        let wall = members[time]?.text.flatMap({ WallTime($0) })
      else { return nil }
      return Sighting(value: number, at: Moment(wall: wall, instant: nil))
    }
    guard let unit = members["unit"]?.text.flatMap({ Unit(symbol: $0) }) else { return nil }
    self.init(unit: unit, believed: sighting("value", "at"))
    let telegrams = members["telegrams"]?.text.flatMap { Int(digits: $0) } ?? 1
    held = sighting("held", "held_at").map {
      Held(newest: $0, telegrams: max(1, min(telegrams, Limits.agreeingTelegrams - 1)))
    }
  }
}

extension YAMLNode {
  /// The members of an object whose names are texts; empty for other nodes.
  fileprivate var members: [(String, YAMLNode)] {
    guard case .mapping(let entries) = content else { return [] }
    return entries.compactMap { entry in entry.key.text.map { ($0, entry.value) } }
  }

  /// The texts of a list; empty for other nodes.
  fileprivate var texts: [String] { if case .sequence(let nodes) = content { nodes.compactMap(\.text) } else { [] } }

  fileprivate var text: String? { if case .scalar(let text, _) = content { text } else { nil } }
}
