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
  /// The key in `decipher`; empty at first.
  private var decipherKey: [UInt8] = []
  /// What single blocks decipher to.
  private var blocks: [UInt8] = []
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
    if blocks.count < text.count { blocks = [UInt8](repeating: 0, count: text.count) }
    return unsafe text.withUnsafeMutableBufferPointer { text in
      unsafe blocks.withUnsafeMutableBufferPointer { blocks in
        var count: Int32 = 0
        guard unsafe EVP_CipherUpdate(decipher, blocks.baseAddress, &count, text.baseAddress, Int32(text.count)) == 1,
          Int(count) == text.count
        else { return false }
        // From the end on, as each block needs the one before it as it came.
        for index in stride(from: text.count - 1, through: 0, by: -1) {
          unsafe text[index] = unsafe blocks[index] ^ (index < 16 ? vector[index] : text[index - 16])
        }
        return true
      }
    }
  }

  /// Puts a key into `decipher`.
  private func keep(_ key: Span<UInt8>) -> Bool {
    if decipherKey.count == key.count, key.indices.allSatisfy({ decipherKey[$0] == key[$0] }) { return true }
    decipherKey = []
    let isReady = unsafe key.withUnsafeBufferPointer {
      unsafe EVP_CipherInit_ex(decipher, nil, nil, $0.baseAddress, nil, -1) == 1
    }
    if isReady { for index in key.indices { decipherKey.append(key[index]) } }
    return isReady
  }
}
