internal import Base
internal import Decoders

/// The frame counters of enciphering meters: a section of the state file. It detects a replayed telegram after a
/// restart.
struct FrameCounters: Equatable, Sendable, StateSection {
  static let sectionName = "frame_counters"

  /// By the meter's id.
  var meters: [String: [DLMSFrameCounter]] = [:]

  init() {}

  /// Reads `{"<meter>":{"<system title>":"<counter>"}}`; other members are left out.
  init(parsing json: [UInt8]) throws(YAMLError) {
    let document = try YAMLDocument(json)
    guard case .mapping(let entries)? = document.root?.content else { return }
    for entry in entries {
      guard case .scalar(let id, _) = entry.key.content, case .mapping(let pairs) = entry.value.content else {
        continue
      }
      meters[id] = pairs.compactMap { pair in
        guard case .scalar(let title, _) = pair.key.content, case .scalar(let value, _) = pair.value.content,
          let bytes = UInt64(title, radix: 16), let counter = UInt32(value)
        else { return nil }
        return DLMSFrameCounter(title: SystemTitle(bytes), value: counter)
      }
    }
  }

  func encoded() -> [UInt8] {
    var json = JSONText()
    json.object { json in
      for (id, counters) in meters.sorted(by: { $0.key < $1.key }) where !counters.isEmpty {
        json.object(id) { json in
          for counter in counters { json.member(counter.title.hexadecimal, counter.value) }
        }
      }
    }
    return json.bytes
  }
}
