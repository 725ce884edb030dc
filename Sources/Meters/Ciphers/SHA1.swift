internal import CCrypto

/// The hash function (FIPS 180-4), from libcrypto, where a protocol asks for it; nothing is kept secret by it.
package enum SHA1 {
  /// 20 bytes; nil if libcrypto fails.
  package static func digest(_ bytes: [UInt8]) -> [UInt8]? {
    var digest = [UInt8](repeating: 0, count: 20)
    guard unsafe EVP_Digest(bytes, bytes.count, &digest, nil, EVP_sha1(), nil) == 1 else { return nil }
    return digest
  }
}
