internal import CCrypto
internal import Decoders

/// AES-128 of libcrypto with a key for each call, chained (CBC) and in counter mode (CTR), without padding.
///
/// Each instance belongs to one decoder, and so to one thread.
@safe final class BlockCipher: @unchecked Sendable {
  private let decipher: OpaquePointer
  private let encipher: OpaquePointer
  private let counter: OpaquePointer

  /// Nil if libcrypto is out of memory.
  init?() {
    guard let decipher = unsafe EVP_CIPHER_CTX_new(), let encipher = unsafe EVP_CIPHER_CTX_new(),
      let counter = unsafe EVP_CIPHER_CTX_new()
    else { return nil }
    unsafe self.decipher = decipher
    unsafe self.encipher = encipher
    unsafe self.counter = counter
    // To look a cipher up takes longer than to use it, so each context keeps its own.
    guard unsafe EVP_CipherInit_ex(decipher, EVP_aes_128_cbc(), nil, nil, nil, 0) == 1,
      unsafe EVP_CipherInit_ex(encipher, EVP_aes_128_cbc(), nil, nil, nil, 1) == 1,
      unsafe EVP_CipherInit_ex(counter, EVP_aes_128_ctr(), nil, nil, nil, 0) == 1
    else { return nil }
    unsafe [decipher, encipher, counter].forEach { _ = unsafe EVP_CIPHER_CTX_set_padding($0, 0) }
  }

  deinit {
    unsafe EVP_CIPHER_CTX_free(decipher)
    unsafe EVP_CIPHER_CTX_free(encipher)
    unsafe EVP_CIPHER_CTX_free(counter)
  }

  /// Works on `text` in place; see `WirelessCipher.Run`.
  func run(
    _ mode: WirelessCipher.Mode, _ key: Span<UInt8>, _ vector: Span<UInt8>, _ text: inout MutableSpan<UInt8>
  ) -> Bool {
    guard key.count == 16, vector.count == 16 else { return false }
    let context = unsafe mode == .decipherChained ? decipher : mode == .encipherChained ? encipher : counter
    let isReady = unsafe key.withUnsafeBufferPointer { key in
      unsafe vector.withUnsafeBufferPointer { vector in
        unsafe EVP_CipherInit_ex(context, nil, nil, key.baseAddress, vector.baseAddress, -1) == 1
      }
    }
    guard isReady else { return false }
    return unsafe text.withUnsafeMutableBufferPointer {
      var count: Int32 = 0
      return unsafe EVP_CipherUpdate(context, $0.baseAddress, &count, $0.baseAddress, Int32($0.count)) == 1
        && Int(count) == $0.count
    }
  }
}
