internal import CCrypto
internal import Decoders

/// AES-128 of libcrypto with a key for each call, chained (CBC) and in counter mode (CTR), without padding.
///
/// To begin a chain in libcrypto takes several times as long as to decipher a telegram. So it deciphers single blocks (ECB)
/// with a key that it keeps until another one comes, and the chain is undone here.
///
/// Each instance belongs to one decoder, and so to one thread.
@safe final class BlockCipher: @unchecked Sendable {
  private let decipher: OpaquePointer
  /// The key in `decipher`, as two words; nil at first.
  private var decipherKey: (UInt64, UInt64)?
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
    guard unsafe EVP_CipherInit_ex(decipher, EVP_aes_128_ecb(), nil, nil, nil, 0) == 1,
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
    if mode == .decipherChained { return undoChain(key, vector, &text) }
    let context = unsafe mode == .encipherChained ? encipher : counter
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

  private func undoChain(_ key: Span<UInt8>, _ vector: Span<UInt8>, _ text: inout MutableSpan<UInt8>) -> Bool {
    guard text.count % 16 == 0, keep(key) else { return false }
    if text.isEmpty { return true }
    return unsafe vector.withUnsafeBytes { vector in
      unsafe text.withUnsafeMutableBytes { text in
        unsafe withUnsafeTemporaryAllocation(byteCount: text.count, alignment: 8) { blocks in
          var count: Int32 = 0
          guard unsafe EVP_CipherUpdate(decipher, blocks.baseAddress, &count, text.baseAddress, Int32(text.count)) == 1,
            Int(count) == text.count
          else { return false }
          // From the end on, as each block needs the one before it as it came.
          for place in stride(from: text.count - 8, through: 0, by: -8) {
            let before = unsafe place < 16 ? vector.word(at: place) : text.word(at: place - 16)
            let word = unsafe blocks.load(fromByteOffset: place, as: UInt64.self) ^ before
            unsafe text.storeBytes(of: word, toByteOffset: place, as: UInt64.self)
          }
          return true
        }
      }
    }
  }

  /// Puts a key into `decipher`.
  private func keep(_ key: Span<UInt8>) -> Bool {
    unsafe key.withUnsafeBytes { key in
      let words = unsafe (key.word(at: 0), key.word(at: 8))
      if let kept = decipherKey, kept == words { return true }
      decipherKey = nil
      guard unsafe EVP_CipherInit_ex(decipher, nil, nil, key.baseAddress, nil, -1) == 1 else { return false }
      decipherKey = words
      return true
    }
  }
}

extension UnsafeRawBufferPointer {
  fileprivate func word(at place: Int) -> UInt64 {
    unsafe loadUnaligned(fromByteOffset: place, as: UInt64.self)
  }
}

extension UnsafeMutableRawBufferPointer {
  fileprivate func word(at place: Int) -> UInt64 {
    unsafe loadUnaligned(fromByteOffset: place, as: UInt64.self)
  }
}
