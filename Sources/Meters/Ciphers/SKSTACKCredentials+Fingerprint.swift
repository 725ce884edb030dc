internal import Base
internal import CCrypto
internal import Decoders

extension SKSTACKCredentials {
  /// Marks a file that belongs to these credentials; nil if libcrypto fails.
  ///
  /// A SHA-256 of the id alone would give the id away. Most of its digits are the same everywhere, and the last eight
  /// are in every beacon. So a program can try all others. With the unknown password in the hash, such tries fail.
  package var fingerprint: String? {
    let secret = Array("\(identifier.reveal) \(password.reveal)".utf8)
    var digest = [UInt8](repeating: 0, count: 32)
    guard unsafe EVP_Digest(secret, secret.count, &digest, nil, EVP_sha256(), nil) == 1 else { return nil }
    return Hexadecimal.text(digest)
  }
}
