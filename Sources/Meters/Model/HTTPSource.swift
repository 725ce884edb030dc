package import Base

/// A resource of a web server, `http://HOST/PATH`.
package struct HTTPSource: Hashable, Sendable {
  /// The URL to fetch, with user name and password.
  package let url: Secret
  /// The URL for logs, without user name and password. The query may be a key, so it is left out too.
  package let shown: String
  /// Whether the URL has a user name or password.
  package let hasUser: Bool

  /// Whether the URL holds more than may be shown.
  package var isSecret: Bool { url.reveal != shown }

  /// The time between two fetches, unless the meter has an interval.
  package static let usualInterval = Milliseconds.seconds(5)

  /// Reads an address; nil for one of another scheme.
  package init?(_ text: String) throws(InvalidValue) {
    guard let end = text.firstRange(of: "://") else { return nil }
    let scheme = text[..<end.lowerBound].lowercased()
    guard ["http", "https"].contains(scheme) else { return nil }
    let rest = text[end.upperBound...]
    try Self.refuseSpecial(rest)
    let authority = rest.prefix { $0 != "/" && $0 != "?" }
    let tail = rest[authority.endIndex...]
    // A `/` in a password would end the host here, and the rest of the password would be shown.
    guard !tail.prefix(while: { $0 != "?" }).contains("@") else {
      throw InvalidValue("has an @ behind its host; in a password write / as %2F, in a path @ as %40")
    }
    let at = authority.lastIndex(of: "@")
    let user = at.map { authority[...$0] } ?? ""
    let host = try Self.host(at.map { authority[authority.index(after: $0)...] } ?? authority, scheme)
    let path = tail.prefix { $0 != "?" }
    let query = tail[path.endIndex...]
    let slashed = path.isEmpty ? "/" : path
    url = Secret("\(scheme)://\(user)\(host)\(slashed)\(query)")
    hasUser = !user.isEmpty
    shown = "\(scheme)://\(host)\(slashed)\(query.isEmpty ? "" : "?…")"
  }

  /// Host and port, with brackets around an IPv6 address.
  private static func host(_ text: Substring, _ scheme: String) throws(InvalidValue) -> String {
    let wrong = InvalidValue("has no name or address of a machine in it: \(scheme)://HOST/PATH")
    var name = text
    var port = ""
    if !text.hasSuffix("]"), let colon = text.lastIndex(of: ":") {
      guard let number = UInt16(digits: String(text[text.index(after: colon)...])), number > 0 else {
        throw InvalidValue("has no port number from 1 to 65535 behind its host: \(scheme)://HOST:PORT/PATH")
      }
      name = text[..<colon]
      port = ":\(number)"
    }
    let isBracketed = name.hasPrefix("[") && name.hasSuffix("]")
    let bare = isBracketed ? String(name.dropFirst().dropLast()) : String(name)
    guard isBracketed == bare.contains(":") else {
      throw bare.contains(":")
        ? InvalidValue("is not a source: an IPv6 address stands in brackets, as in `\(scheme)://[::1]/telegram`")
        : wrong
    }
    do { _ = try parseHost(bare) } catch { throw wrong }
    return name.lowercased() + port
  }

  /// Refuses characters that an address must not have, and parts that only a browser uses.
  private static func refuseSpecial(_ text: Substring) throws(InvalidValue) {
    guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
      throw InvalidValue("has a blank or a special letter in it, which an address writes as %20 and the like")
    }
    guard !text.contains("#") else { throw InvalidValue("has a # in it; in a user name or password write %23") }
    let bytes = Array(text.utf8)
    for index in bytes.indices where bytes[index] == 0x25 {
      let digits = String(decoding: bytes[(index + 1)...].prefix(2), as: UTF8.self)
      guard digits.utf8.count == 2, let value = UInt8(digits, radix: 16), value >= 0x20, value != 0x7F else {
        throw InvalidValue(
          "has a % in it that is not followed by two hexadecimal digits; for the sign itself write %25")
      }
    }
  }
}
