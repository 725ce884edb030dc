internal import Base
internal import Meters

/// The words of a gateway that takes a connection and closes it: a busy one often says so.
struct GatewayWords: Sendable {
  private var bytes: [UInt8] = []

  /// Takes bytes from before the first telegram of a connection.
  mutating func append(_ new: [UInt8]) {
    guard bytes.count <= Limits.gatewayWordsBytes else { return }
    bytes += new.prefix(Limits.gatewayWordsBytes + 1 - bytes.count)
  }

  /// Why the gateway closed the connection, if it has said so.
  ///
  /// - Parameters:
  ///   - name: the gateway.
  ///   - wasBrief: whether it closed the connection at once.
  /// - Returns: nil if it neither spoke nor closed at once.
  func trouble(with name: String, wasBrief: Bool) -> SourceError? {
    let advice = "it may serve another program: end that one, or allow more connections in the gateway"
    if let text {
      return SourceError("\(name) says \"\(text)\" and closes: \(advice)", subject: "words")
    }
    guard wasBrief, bytes.isEmpty else { return nil }
    return SourceError("\(name) accepts the connection and closes it at once: \(advice)")
  }

  /// A greeting as a line of the log; nil if it is not one.
  private var text: String? {
    guard bytes.count <= Limits.gatewayWordsBytes else { return nil }
    let words = String(decoding: bytes, as: UTF8.self)
    let letters = words.count { $0.isLetter }
    let others = words.unicodeScalars.count { $0 == "\u{FFFD}" || isObeyed($0) && !$0.properties.isWhitespace }
    // A P1 telegram is text too.
    guard letters >= 3, others * 2 <= letters, words.first != "/" else { return nil }
    let shown = words.split { $0.isWhitespace }.joined(separator: " ")
    return onOneLine(shown.unicodeScalars.map { $0 == "\"" ? "'" : $0 })
  }
}
