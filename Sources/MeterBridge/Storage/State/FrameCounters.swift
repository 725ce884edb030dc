internal import Base
internal import Decoders
internal import Meters

/// The frame counters of enciphering meters: a section of the state file. It detects a replayed telegram after a
/// restart.
struct FrameCounters: Equatable, Sendable, StateSection {
  static let sectionName = "frame_counters"

  /// By the meter's id.
  var meters: [String: [FrameCounter]] = [:]

  init() {}

  /// Reads `{"<meter>":{"<system title>":<counter>,"clocks":{"<system title>":<seconds>},"former":{…}}}`; other members
  /// are left out.
  ///
  /// A file of version 0.1 has counters alone. That version reads these and leaves out the groups.
  init(parsing json: [UInt8]) throws(YAMLError) {
    let document = try YAMLDocument(json)
    guard case .mapping(let entries)? = document.root?.content else { return }
    for entry in entries {
      guard case .scalar(let id, _) = entry.key.content, case .mapping(let pairs) = entry.value.content else {
        continue
      }
      var groups: [String: [UInt64: Int64]] = [:]
      for pair in pairs {
        guard case .scalar(let name, _) = pair.key.content, case .mapping(let group) = pair.value.content else {
          continue
        }
        groups[name] = Dictionary(group.compactMap(Self.number)) { first, _ in first }
      }
      meters[id] = pairs.compactMap { pair in
        guard let (sender, number) = Self.number(pair), let value = UInt32(exactly: number) else { return nil }
        return FrameCounter(
          sender: sender, value: value, clock: groups["clocks"]?[sender],
          former: groups["former"]?[sender].flatMap { UInt32(exactly: $0) } ?? 0)
      }
    }
  }

  /// A system title and the number beside it.
  private static func number(_ pair: YAMLNode.Entry) -> (UInt64, Int64)? {
    guard case .scalar(let title, _) = pair.key.content, case .scalar(let text, _) = pair.value.content,
      let sender = UInt64(title, radix: 16), let number = Int64(text)
    else { return nil }
    return (sender, number)
  }

  func encoded() -> [UInt8] {
    var json = JSONText()
    json.object { json in
      for (id, counters) in meters.sorted(by: { $0.key < $1.key }) where !counters.isEmpty {
        json.object(id) { json in
          for counter in counters { json.member(counter.title, counter.value) }
          let clocks = counters.filter { $0.clock != nil }
          if !clocks.isEmpty {
            json.object("clocks") { json in for counter in clocks { json.member(counter.title, counter.clock ?? 0) } }
          }
          let former = counters.filter { $0.former > 0 }
          if !former.isEmpty {
            json.object("former") { json in for counter in former { json.member(counter.title, counter.former) } }
          }
        }
      }
    }
    return json.bytes
  }
}

extension FrameCounter {
  fileprivate var title: String { SystemTitle(sender).hexadecimal }
}
