internal import Base
internal import CMosquitto
internal import Glibc

/// Reason strings, with which a broker of MQTT 5 explains an answer (section 3.2.2.3.9 and others), fit to be shown.
package enum BrokerWords {
  private static let longest = 200

  /// The reason string among the properties of a packet.
  ///
  /// - Parameters:
  ///   - properties: as the library gives them to a callback.
  ///   - secret: the password. A broker may repeat it.
  /// - Returns: the text, fit to be shown; nil without one.
  static func reason(in properties: OpaquePointer?, hiding secret: String?) -> String? {
    var raw: UnsafeMutablePointer<CChar>?
    let code = Int32(truncatingIfNeeded: MQTT_PROP_REASON_STRING.rawValue)
    guard unsafe properties != nil, unsafe mosquitto_property_read_string(properties, code, &raw, false) != nil,
      let text = unsafe raw
    else { return nil }
    defer { unsafe free(text) }
    return unsafe shown(String(cString: text), hiding: secret)
  }

  /// The text without secrets, on one line, cut to 200 characters; nil if nothing is left.
  static func shown(_ text: String, hiding secret: String?) -> String? {
    var text = text
    if let secret, !secret.isEmpty { text = text.replacing(secret, with: "***") }
    return text.isEmpty ? nil : onOneLine(text.unicodeScalars.prefix(longest))
  }

  /// What follows the program's own sentence.
  package static func quoted(_ words: String?) -> String { words.map { " (the broker says \"\($0)\")" } ?? "" }
}
