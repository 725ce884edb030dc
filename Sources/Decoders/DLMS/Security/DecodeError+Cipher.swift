extension DecodeError {
  /// An error about the key of a meter. It carries the meter's title.
  init(_ code: Code, of title: SystemTitle) {
    self.init(code, at: 0, expected: Int(truncatingIfNeeded: title.bytes))
  }

  /// The meter's title in an error about a key.
  var systemTitle: SystemTitle { SystemTitle(UInt64(bitPattern: Int64(expected))) }
}

extension DecodeError.Code {
  /// Whether the error concerns keys and counters: the bytes are whole, and another key may open them.
  package var isOfCipher: Bool {
    switch self {
    case .noKey, .wrongKey, .wrongAuthenticationKey, .undecipherable, .systemTitleMissing, .replayed, .notEncrypted,
      .notAuthenticated, .unsupportedSecurity:
      true
    default: false
    }
  }
}
