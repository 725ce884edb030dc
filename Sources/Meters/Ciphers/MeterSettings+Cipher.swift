internal import Decoders

extension MeterSettings {
  /// What the wire must have because the configuration names it.
  var protection: ProtectionRule {
    ProtectionRule(needsCipher: key != nil, needsTag: authenticationKey != nil, allowsPlain: allowsPlain)
  }

  /// The meter's cipher; nil without a key.
  var cipher: DLMSCipher? {
    guard let key, let cipher = GaloisCounterMode(key) else { return nil }
    return DLMSCipher(authenticationKey: authenticationKey?.reveal) { cipher.open($0, $1, $2, &$3) }
  }
}
