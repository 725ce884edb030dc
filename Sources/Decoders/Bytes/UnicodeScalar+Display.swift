extension Unicode.Scalar {
  /// Whether terminals and log viewers obey it instead of showing it.
  ///
  /// Control characters, the line ends of Unicode, and the marks that turn the direction of the text around them (Unicode
  /// Standard Annex 9, section 2): with them a text shows something other than what it says.
  package var isObeyed: Bool {
    switch value {
    case 0..<0x20, 0x7F...0x9F: true
    case 0x2028, 0x2029: true
    case 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: true
    default: false
    }
  }
}

extension String {
  /// The text without such characters.
  package var shown: String {
    guard utf8.contains(where: { !(0x20...0x7E).contains($0) }) else { return self }
    return String(String.UnicodeScalarView(unicodeScalars.filter { !$0.isObeyed }))
  }
}
