internal import CCrypto
internal import Decoders

/// AES-128 in Galois/counter mode of libcrypto, with a fixed key.
///
/// Each instance belongs to one decoder, and so to one thread.
@safe package final class GaloisCounterMode: @unchecked Sendable {
  private let context: OpaquePointer

  /// Nil if libcrypto is out of memory.
  init?(_ key: MeterKey) {
    guard let made = unsafe EVP_CIPHER_CTX_new() else { return nil }
    unsafe context = made
    guard unsafe EVP_DecryptInit_ex(context, EVP_aes_128_gcm(), nil, key.reveal, nil) == 1 else { return nil }
  }

  deinit { unsafe EVP_CIPHER_CTX_free(context) }

  /// Deciphers `text` in place; see `DLMSCipher.Open`.
  func open(
    _ nonce: Span<UInt8>, _ associated: Span<UInt8>, _ tag: Span<UInt8>, _ text: inout MutableSpan<UInt8>
  ) -> Bool {
    var count: Int32 = 0
    let isReady = unsafe nonce.withUnsafeBufferPointer {
      unsafe EVP_DecryptInit_ex(context, nil, nil, nil, $0.baseAddress) == 1
    }
    guard isReady else { return false }
    unsafe associated.withUnsafeBufferPointer {
      _ = unsafe EVP_DecryptUpdate(context, nil, &count, $0.baseAddress, Int32($0.count))
    }
    unsafe text.withUnsafeMutableBufferPointer {
      _ = unsafe EVP_DecryptUpdate(context, $0.baseAddress, &count, $0.baseAddress, Int32($0.count))
    }
    guard tag.count > 0 else { return true }
    unsafe tag.withUnsafeBufferPointer {
      let bytes = unsafe UnsafeMutableRawPointer(mutating: $0.baseAddress)
      _ = unsafe EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Int32($0.count), bytes)
    }
    var rest: UInt8 = 0
    return unsafe EVP_DecryptFinal_ex(context, &rest, &count) == 1
  }
}

extension GaloisCounterMode {
  /// Enciphers a text, for simulated meters: the cipher, and the first 12 bytes of the tag over text and associated
  /// data. Nil if libcrypto fails.
  package static func seal(
    _ text: [UInt8], _ key: MeterKey, nonce: [UInt8], associated: [UInt8] = []
  ) -> (text: [UInt8], tag: [UInt8])? {
    guard let context = unsafe EVP_CIPHER_CTX_new() else { return nil }
    defer { unsafe EVP_CIPHER_CTX_free(context) }
    var count: Int32 = 0
    var sealed = [UInt8](repeating: 0, count: text.count)
    var tag = [UInt8](repeating: 0, count: 12)
    guard unsafe EVP_EncryptInit_ex(context, EVP_aes_128_gcm(), nil, key.reveal, nonce) == 1,
      unsafe EVP_EncryptUpdate(context, nil, &count, associated, Int32(associated.count)) == 1,
      unsafe EVP_EncryptUpdate(context, &sealed, &count, text, Int32(text.count)) == 1
    else { return nil }
    var rest: UInt8 = 0
    guard unsafe EVP_EncryptFinal_ex(context, &rest, &count) == 1,
      unsafe EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, Int32(tag.count), &tag) == 1
    else { return nil }
    return (sealed, tag)
  }
}
