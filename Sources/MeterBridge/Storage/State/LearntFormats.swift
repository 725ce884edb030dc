internal import Base
internal import Decoders

/// The formats of compact frames that meters have shown: a section of the state file. After a restart a compact frame does not
/// have to wait for the next full one.
struct LearntFormats: Equatable, Sendable, StateSection {
  static let sectionName = "compact_formats"

  private(set) var formats: Set<[UInt8]> = []

  init() {}

  /// Reads a list of hexadecimal texts; what is not one is left out.
  init(parsing json: [UInt8]) throws(YAMLError) {
    let document = try YAMLDocument(json)
    guard case .sequence(let entries)? = document.root?.content else { return }
    add(
      entries.compactMap { entry in
        guard case .scalar(let text, _) = entry.content else { return nil }
        return Hexadecimal.bytes(text.utf8)
      })
  }

  mutating func add(_ learnt: [[UInt8]]) {
    for format in learnt where formats.count < Limits.learntFormats { formats.insert(format) }
  }

  func encoded() -> [UInt8] {
    var json = JSONText()
    json.array { json in
      for text in formats.map({ Hexadecimal.text($0) }).sorted() { json.value(text) }
    }
    return json.bytes
  }
}
