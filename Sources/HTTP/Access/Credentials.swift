package import Base

/// Who may ask: people with a user name and a password, programs with a token.
package struct Credentials: Sendable {
  /// SHA-256.
  package typealias Digest = @Sendable ([UInt8]) -> [UInt8]

  private let password: [UInt8]?
  private let token: [UInt8]?
  private let digest: Digest

  /// Nil without a password and a token.
  ///
  /// - Parameters:
  ///   - username: Belongs to the password.
  ///   - password: For Basic authentication (RFC 7617).
  ///   - token: For Bearer authentication (RFC 6750).
  ///   - digest: Equal lengths make comparisons take equal times. Only digests are kept.
  package init?(username: String, password: Secret?, token: Secret?, digest: @escaping Digest) {
    guard password != nil || token != nil else { return nil }
    self.password = password.map { digest(Array("\(username):\($0.reveal)".utf8)) }
    self.token = token.map { digest(Array($0.reveal.utf8)) }
    self.digest = digest
  }

  /// Whether the header `Authorization` has the password or the token.
  func admits(_ authorization: String) -> Bool {
    let parts = authorization.split(separator: " ", maxSplits: 1)
    guard parts.count == 2 else { return false }
    let given = parts[1].drop { $0 == " " }
    switch parts[0].lowercased() {
    case "basic": return Base64.bytes(given.utf8).map { isSame(digest($0), password) } ?? false
    case "bearer": return isSame(digest(Array(given.utf8)), token)
    default: return false
    }
  }

  /// What a client should send: the header `WWW-Authenticate`.
  var challenge: String {
    password == nil ? "Bearer realm=\"MeterBridge\"" : "Basic realm=\"MeterBridge\", charset=\"UTF-8\""
  }

  /// Compares two digests in a time that does not depend on what is in them.
  private func isSame(_ given: [UInt8], _ wanted: [UInt8]?) -> Bool {
    guard let wanted, given.count == 32, wanted.count == 32 else { return false }
    var difference: UInt8 = 0
    for (one, other) in zip(given, wanted) { difference |= one ^ other }
    return difference == 0
  }
}
