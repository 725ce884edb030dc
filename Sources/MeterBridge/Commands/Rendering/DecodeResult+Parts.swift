internal import Base
internal import Decoders
internal import Meters

extension DecodeResult {
  /// Which bytes of a telegram mean what, for people: a line a record.
  static func parts(of telegram: Telegram) -> [String] {
    let parts = TelegramPart.all(of: telegram)
    guard !parts.isEmpty else { return [] }
    let isDLMS = telegram.content is DLMSContent
    let meaning = isDLMS ? "MEANING (places in the application data)" : "MEANING"
    let header = TelegramPart(bytes: "BYTES", meaning: meaning)
    let width = (parts.map(\.bytes.count) + [header.bytes.count]).max() ?? 0
    return ["", row("BYTE", header, width)] + parts.map { row($0.offset.map(String.init) ?? "", $0, width) }
  }

  private static func row(_ place: String, _ part: TelegramPart, _ width: Int) -> String {
    let blanks = String(repeating: " ", count: max(0, 6 - place.count))
    let bytes = part.meaning.isEmpty ? part.bytes : part.bytes.padded(to: width) + "  " + part.meaning
    return "\(blanks)\(place)  \(bytes)"
  }
}
