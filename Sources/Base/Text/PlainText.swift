internal import Decoders

extension FixedWidthInteger {
  /// Reads decimal digits; nil for an empty text, any other character, a sign too, and numbers that are too large.
  package init?(digits: String) {
    guard !digits.isEmpty, digits.utf8.allSatisfy(isDigit) else { return nil }
    self.init(digits, radix: 10)
  }
}

package func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

package func isLowercase(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte) }

/// Whether a text is an id, for topics and entity ids: `[a-z0-9_]+`.
package func isIdentifier(_ text: some Collection<UInt8>) -> Bool {
  !text.isEmpty && text.allSatisfy { isLowercase($0) || isDigit($0) || $0 == UInt8(ascii: "_") }
}

package func isLetter(_ byte: UInt8) -> Bool { isLowercase(byte | 0x20) }

package func refuseControls(_ text: String) throws(InvalidValue) {
  guard !text.unicodeScalars.contains(where: \.isObeyed) else {
    throw InvalidValue("has a control character, a line end or a mark of text direction in it")
  }
}

/// Whether a terminal or a log viewer obeys a character instead of showing it.
package func isObeyed(_ scalar: Unicode.Scalar) -> Bool { scalar.isObeyed }

/// A text for a log or a terminal on one line. What they would obey becomes the replacement character.
package func onOneLine(_ text: some Sequence<Unicode.Scalar>) -> String {
  String(String.UnicodeScalarView(text.map { $0.isObeyed ? "\u{FFFD}" : $0 }))
}

package func parsePath(_ text: String) throws(InvalidValue) -> String {
  guard !text.isEmpty else { throw InvalidValue("is not a path") }
  guard !text.hasPrefix("~") else {
    throw InvalidValue("is not a path: `~` is not expanded here, write the whole path")
  }
  try refuseControls(text)
  return text
}

/// The name or address of a machine, IPv6 without brackets.
package func parseHost(_ text: String) throws(InvalidValue) -> String {
  if let scheme = text.firstRange(of: "://") {
    let place = text[scheme.upperBound...].prefix { $0 != "/" }
    // Behind a user name and a password, which have keys of their own.
    let rest = place[(place.lastIndex(of: "@").map { place.index(after: $0) } ?? place.startIndex)...]
    let host = rest.prefix { $0 != ":" }
    throw InvalidValue("is an address with a scheme\(Suggestion.question(host.isEmpty ? nil : String(host)))")
  }
  let parts = text.split(separator: ":", omittingEmptySubsequences: false)
  if parts.count == 2, UInt16(digits: String(parts[1])) != nil {
    throw InvalidValue("has a port in it; the port has a line of its own: `port: \(parts[1])`")
  }
  // Colons only in IPv6 addresses, which may end in a zone such as %eth0.
  let isRight = text.utf8.allSatisfy {
    isLetter($0) || isDigit($0) || [0x2D, 0x2E, 0x5F].contains($0) || (parts.count > 2 && [0x3A, 0x25].contains($0))
  }
  guard isRight, (1...253).contains(text.utf8.count), !text.hasPrefix("-") else {
    throw InvalidValue("is not a name or address of a machine")
  }
  return text
}
