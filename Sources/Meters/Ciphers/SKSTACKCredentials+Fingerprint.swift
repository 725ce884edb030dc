internal import Base
internal import CCrypto
internal import Decoders

extension SKSTACKCredentials {
  /// What a file is known by that belongs to these credentials; nil where libcrypto refuses.
  ///
  /// A SHA-256 of the id alone would tell the id: most of its digits are the same everywhere and the last eight are in
  /// every beacon, so that all others can be tried. With the password in it there is nothing to try against.
  package var fingerprint: String? {
    let secret = Array("\(identifier.reveal) \(password.reveal)".utf8)
    var digest = [UInt8](repeating: 0, count: 32)
    guard unsafe EVP_Digest(secret, secret.count, &digest, nil, EVP_sha256(), nil) == 1 else { return nil }
    return Hexadecimal.text(digest)
  }
}
