internal import Base
internal import Decoders

/// Finds the telegram in a web server's response: P1 text, raw bytes or hexadecimal digits, alone or as one text of a JSON
/// object.
enum HTTPBody {
  /// The place of a telegram in an object. `value` and `state` are those of an ESPHome text sensor.
  private static let members = ["telegram", "raw", "value", "state"]
  /// A shorter text is `unknown` or `NA`: the state of a sensor before its first telegram.
  private static let shortest = 16

  /// The bytes of the telegram, unchecked: the framer rejects a broken one.
  ///
  /// - Parameters:
  ///   - body: As it was fetched.
  ///   - name: What users call the source.
  /// - Returns: The bytes, perhaps not of a telegram.
  /// - Throws: Why the body cannot hold a telegram.
  static func telegram(in body: [UInt8], of name: String) throws(SourceError) -> [UInt8] {
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let text = body.starts(with: mark) ? Array(body.dropFirst(mark.count)) : body
    switch text.first(where: { $0 != 0x20 && !(0x09...0x0D).contains($0) }) {
    case nil: throw SourceError("\(name) is empty: has the meter sent a telegram yet?")
    case 0x3C: throw SourceError("\(name) is a page for people, not a telegram; \(places)")
    case 0x7B: return Hexadecimal.unwrapped(try member(of: text, name))
    default: return Hexadecimal.unwrapped(text)
    }
  }

  private static let places = "look at the path (HomeWizard: /api/v1/telegram, ESPHome: /text_sensor/ID)"

  private static func member(of object: [UInt8], _ name: String) throws(SourceError) -> [UInt8] {
    let all = JSONMembers.split(object) ?? []
    let texts = members.compactMap { member in all.first { $0.name == member }.flatMap { string($0.value) } }
    if let text = texts.first(where: { $0.count >= shortest }) { return text }
    guard texts.isEmpty else { throw SourceError("\(name) has no telegram: has the meter sent one yet?") }
    throw SourceError("\(name) is JSON without a telegram in it; \(places)")
  }

  /// The text of a JSON string; nil for any other value.
  private static func string(_ value: [UInt8]) -> [UInt8]? {
    guard value.first == 0x22, case .scalar(let text, _, _) = (try? yamlEvents(value))?.first else { return nil }
    return Array(text.utf8)
  }
}
