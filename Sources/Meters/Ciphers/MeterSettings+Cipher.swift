package import Decoders

extension MeterSettings {
  /// What the wire must have because the configuration names it.
  var protection: ProtectionRule {
    ProtectionRule(needsCipher: key != nil, needsTag: authenticationKey != nil, allowsPlain: allowsPlain)
  }

  /// The key in telegrams that `capture` writes. The DLMS Green Book has it in its examples, so it is not a secret.
  package static let exampleKey = "000102030405060708090A0B0C0D0E0F"

  /// Nil only if libcrypto fails.
  static var exampleCipher: DLMSCipher? {
    var settings = MeterSettings(id: "example", meterProtocol: .dlms, source: .standardInput, sourceText: "-")
    settings.key = try? MeterKey(exampleKey)
    return settings.cipher
  }

  /// AES with the meter's key, or without a key; nil only if libcrypto fails.
  var wirelessCipher: WirelessCipher? { WirelessCipher(key) }

  /// The meter's cipher; nil without a key.
  var cipher: DLMSCipher? {
    guard let key, let cipher = GaloisCounterMode(key) else { return nil }
    return DLMSCipher(authenticationKey: authenticationKey?.reveal) { cipher.open($0, $1, $2, &$3) }
  }
}

extension WirelessCipher {
  /// AES of libcrypto with a meter's key, or without a key; nil only if libcrypto fails. It is for one thread at a time.
  package init?(_ key: MeterKey?) {
    guard let cipher = BlockCipher() else { return nil }
    self.init(key: key?.reveal) { cipher.run($0, $1, $2, &$3) }
  }
}
