internal import Base
internal import Decoders

extension SKSTACKCredentials {
  /// Marks a file that belongs to these credentials; nil if libcrypto fails.
  ///
  /// A SHA-256 of the id alone would give the id away. Most of its digits are the same everywhere, and the last eight
  /// are in every beacon. So a program can try all others. With the unknown password in the hash, such tries fail.
  package var fingerprint: String? {
    SHA256.digest(Array("\(identifier.reveal) \(password.reveal)".utf8)).map { Hexadecimal.text($0) }
  }
}
