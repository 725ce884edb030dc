/// A wireless telegram: header and records as on a wire, and the layers around them.
package struct WirelessMBusContent: TelegramContent {
  /// Header and records. A maker's own frame does not have records.
  package let message: MBusContent
  /// The CI fields of all layers, the first one highest.
  package let chain: UInt64
  /// The security mode in the configuration word; nil without a header of the transport layer.
  package let mode: UInt8?
  /// The cipher that the telegram names, also if it comes deciphered; nil for a telegram in plain.
  package let security: WirelessSecurity?
  /// Access number of the extended link layer; the header has its own.
  package let linkAccessNumber: UInt8?
  /// Whether a key has opened it that its maker has published.
  package let isOpenToAll: Bool
  /// Whether it has an authentication code that nobody has checked, as there is no key.
  package let hasUncheckedCode: Bool

  /// The CI fields as in the output of `decode`: `8D/78`.
  package var chainText: String {
    let bytes = (0..<8).reversed().map { UInt8(truncatingIfNeeded: chain >> UInt64(8 * $0)) }
    return bytes.drop { $0 == 0 }.map { Hexadecimal.text([$0]) }.joined(separator: "/")
  }
}

/// How a wireless telegram is enciphered.
package enum WirelessSecurity: UInt8, Sendable, BitwiseCopyable {
  /// Security mode 5: AES-128-CBC with a vector made of address and access number.
  case chainedWithVector
  /// Security mode 7: the same with a key that is derived for each telegram.
  case chainedWithDerivedKey
  /// AES-128 in counter mode over everything behind the extended link layer.
  case counter
  /// Diehl's shift register.
  case shiftRegister

  /// The stable name in the output of `decode`.
  package var name: String {
    switch self {
    case .chainedWithVector: "aes_cbc_iv"
    case .chainedWithDerivedKey: "aes_cbc_kdf"
    case .counter: "ell_aes_ctr"
    case .shiftRegister: "lfsr"
    }
  }
}

extension Telegram {
  /// Header and records of an M-Bus telegram, on a wire or not; nil for other protocols.
  package var mbusContent: MBusContent? {
    content as? MBusContent ?? (content as? WirelessMBusContent)?.message
  }

  /// Whether more than readable records says that a wireless telegram was taken in the right form: a check value, a code, or
  /// what a cipher has left.
  var isProven: Bool { protection != .none || (content as? WirelessMBusContent)?.security != nil }
}
