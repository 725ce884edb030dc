package import Base

/// The header `Authorization` of a client (RFC 7617 and RFC 6750).
package enum Authorization {
  /// A name and a password.
  package static func basic(_ username: String, _ password: Secret) -> String {
    "Basic \(Base64.text(Array("\(username):\(password.reveal)".utf8)))"
  }

  /// A token.
  package static func bearer(_ token: Secret) -> String { "Bearer \(token.reveal)" }
}

extension Base64 {
  private static let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  /// The text of some bytes.
  package static func text(_ bytes: [UInt8]) -> String {
    var text: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      let bits = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << UInt32(8 * (3 - group.count))
      for place in 0...3 {
        text.append(place <= group.count ? letters[Int(bits >> UInt32(18 - 6 * place) & 63)] : UInt8(ascii: "="))
      }
    }
    return String(decoding: text, as: UTF8.self)
  }
}
