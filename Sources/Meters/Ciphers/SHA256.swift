internal import CCrypto

/// The hash function (FIPS 180-4), from libcrypto.
package enum SHA256 {
  /// 32 bytes; nil if libcrypto fails.
  package static func digest(_ bytes: [UInt8]) -> [UInt8]? {
    var digest = [UInt8](repeating: 0, count: 32)
    guard unsafe EVP_Digest(bytes, bytes.count, &digest, nil, EVP_sha256(), nil) == 1 else { return nil }
    return digest
  }
}
