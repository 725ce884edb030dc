package import Base
internal import Decoders

/// A message on a topic of telegrams.
package struct IncomingTelegram: Equatable, Sendable {
  package var topic: String
  package var payload: [UInt8]
  /// The user property `time`: when the sender received the telegram.
  package var time: String?
  /// Whether the message was longer than it may be; `payload` has the beginning.
  package var isCut: Bool

  package init(topic: String, payload: [UInt8], time: String? = nil, isCut: Bool = false) {
    self.topic = topic
    self.payload = payload
    self.time = time
    self.isCut = isCut
  }
}

/// The telegram in such a message: bytes, hexadecimal digits, or a text of a JSON object in hexadecimal digits.
package struct TelegramPayload: Equatable, Sendable {
  /// The places of a telegram in an object, and that of its time.
  private static let members = ["telegram", "data", "raw"]
  private static let timeMember = "time"

  /// Unchecked: the framer rejects what is not a telegram.
  package var bytes: [UInt8]
  private var sent: WallTime?

  /// Nil for a JSON object without a telegram.
  ///
  /// - Parameters:
  ///   - message: What came on the topic.
  ///   - isLine: Whether the dialogue reads lines of text itself. It gets the message as it is, an object as one line.
  package init?(_ message: IncomingTelegram, isLine: Bool = false) {
    sent = message.time.flatMap { WallTime($0) }
    guard let object = JSONMembers.split(message.payload) else {
      bytes = isLine ? message.payload : Self.digits(message.payload) ?? message.payload
      return
    }
    func member(_ name: String) -> String? {
      guard let value = object.first(where: { $0.name == name })?.value, value.first == UInt8(ascii: "\""),
        case .scalar(let text, _, _) = (try? yamlEvents(value))?.first
      else { return nil }
      return text
    }
    if isLine {
      bytes = message.payload.filter { $0 != 0x0A && $0 != 0x0D }
      sent = sent ?? member(Self.timeMember).flatMap { WallTime($0) }
      return
    }
    guard let text = Self.members.lazy.compactMap({ member($0) }).first else { return nil }
    // A P1 or D0 telegram is a text itself.
    if text.hasPrefix("/") {
      bytes = Array(text.utf8)
    } else if let found = Self.digits(text.utf8) {
      bytes = found
    } else {
      return nil
    }
    sent = sent ?? member(Self.timeMember).flatMap { WallTime($0) }
  }

  /// The bytes of hexadecimal digits, which may begin with `0x`; nil for anything else.
  private static func digits(_ text: some Collection<UInt8>) -> [UInt8]? {
    let isMarked = text.first == UInt8(ascii: "0") && text.dropFirst().first.map { $0 | 0x20 } == UInt8(ascii: "x")
    let bytes = Hexadecimal.bytes(text.dropFirst(isMarked ? 2 : 0))
    return bytes?.isEmpty == true ? nil : bytes
  }

  /// When the telegram was received first. That is now if the sender does not tell, or tells a time that cannot be right.
  package func received(_ now: WallTime) -> WallTime {
    guard let sent else { return now }
    let age = now.milliseconds - sent.milliseconds
    guard (-Limits.telegramAhead.count...Limits.telegramAge.count).contains(age) else { return now }
    return now.back(max(0, age))
  }
}
