import CCrypto

@testable import Decoders

/// AES-128-GCM of libcrypto, both ways.
@safe final class TestCipher: @unchecked Sendable {
  private let context: OpaquePointer
  private let key: [UInt8]

  init?(_ key: [UInt8]) {
    guard key.count == 16, let made = unsafe EVP_CIPHER_CTX_new() else { return nil }
    unsafe context = made
    self.key = key
  }

  deinit { unsafe EVP_CIPHER_CTX_free(context) }

  func open(_ nonce: Span<UInt8>, _ associated: Span<UInt8>, _ tag: Span<UInt8>, _ text: inout MutableSpan<UInt8>)
    -> Bool
  {
    var count: Int32 = 0
    var copy = (0..<nonce.count).map { nonce[$0] }
    unsafe EVP_DecryptInit_ex(context, EVP_aes_128_gcm(), nil, key, copy)
    copy = (0..<associated.count).map { associated[$0] }
    if !copy.isEmpty { unsafe EVP_DecryptUpdate(context, nil, &count, copy, Int32(copy.count)) }
    if text.count > 0 {
      unsafe text.withUnsafeMutableBufferPointer {
        _ = unsafe EVP_DecryptUpdate(context, $0.baseAddress, &count, $0.baseAddress, Int32($0.count))
      }
    }
    guard tag.count > 0 else { return true }
    var check = (0..<tag.count).map { tag[$0] }
    unsafe EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Int32(check.count), &check)
    var rest: UInt8 = 0
    return unsafe EVP_DecryptFinal_ex(context, &rest, &count) == 1
  }

  /// The cipher of a text and its tag of twelve bytes.
  func seal(_ nonce: [UInt8], _ associated: [UInt8], _ text: [UInt8]) -> (text: [UInt8], tag: [UInt8]) {
    var count: Int32 = 0
    var sealed = [UInt8](repeating: 0, count: text.count + 16)
    var tag = [UInt8](repeating: 0, count: 12)
    unsafe EVP_EncryptInit_ex(context, EVP_aes_128_gcm(), nil, key, nonce)
    if !associated.isEmpty { unsafe EVP_EncryptUpdate(context, nil, &count, associated, Int32(associated.count)) }
    if !text.isEmpty { unsafe EVP_EncryptUpdate(context, &sealed, &count, text, Int32(text.count)) }
    var rest: UInt8 = 0
    unsafe EVP_EncryptFinal_ex(context, &rest, &count)
    unsafe EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, 12, &tag)
    return (Array(sealed.prefix(text.count)), tag)
  }
}

extension DLMSCipher {
  /// A cipher of libcrypto; nil where the key does not have 16 bytes.
  init?(key: [UInt8], authenticationKey: [UInt8]? = nil) {
    guard let cipher = TestCipher(key) else { return nil }
    self.init(authenticationKey: authenticationKey) { cipher.open($0, $1, $2, &$3) }
  }
}
