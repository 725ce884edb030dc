import CCrypto

@testable import Decoders

/// Builds wireless telegrams, where a test needs one that no sample is.
enum WirelessBuilder {
  static let key = [UInt8](1...16)
  /// AQU 70112233, a water meter.
  static let address: [UInt8] = [0x35, 0x06, 0x33, 0x22, 0x11, 0x70, 0x21, 0x07]

  /// A frame without check values.
  static func stripped(_ content: [UInt8], address: [UInt8] = address) -> [UInt8] {
    [UInt8(9 + content.count), 0x44] + address + content
  }

  /// The frame in format A.
  static func formatA(_ stripped: [UInt8]) -> [UInt8] {
    var frame = checked(stripped[..<10])
    for start in stride(from: 10, to: stripped.count, by: 16) {
      frame += checked(stripped[start..<min(start + 16, stripped.count)])
    }
    return frame
  }

  /// The frame in format B.
  static func formatB(_ stripped: [UInt8]) -> [UInt8] {
    var frame = stripped
    frame[0] += stripped.count + 2 > 128 ? 4 : 2
    let rest = frame.dropFirst(126)
    return stripped.count + 2 > 128 ? checked(frame[..<126]) + checked(rest) : checked(frame[...])
  }

  /// Records in security mode 5 behind a short header.
  static func chained(_ records: [UInt8], access: UInt8 = 5, key: [UInt8] = key) -> [UInt8] {
    var text = [0x2F, 0x2F] + records
    text += [UInt8](repeating: 0x2F, count: (16 - text.count % 16) % 16)
    let word: [UInt8] = [UInt8(text.count / 16) << 4, 0x25]
    var vector = WirelessCipher.Block(repeating: access)
    for index in 0..<8 { vector[index] = address[index] }
    _ = WirelessCipher(testing: key).apply(.encipherChained, vector, to: &text, 0..<text.count)
    return stripped([0x7A, access, 0x00] + word + text)
  }

  /// A frame with an authentication layer around what stands behind its link layer: a code of eight bytes, and the counter
  /// it is made with.
  static func authenticated(_ frame: [UInt8], counter: UInt8? = 9, key: [UInt8] = key) -> [UInt8] {
    let number: [UInt8] = counter.map { [$0, 0, 0, 0] } ?? []
    let suffix: [UInt8] = [counter ?? 0, 0, 0, 0] + address[2..<6] + [UInt8](repeating: 7, count: 7)
    let text: [UInt8] = [0x25] + number + frame[10...]
    let own = WirelessCipher(testing: key).authenticationCode([1] + suffix) ?? []
    let code = WirelessCipher(testing: own).authenticationCode(text)?.prefix(8) ?? []
    let fields: [UInt8] = [0x25] + number + code
    return stripped([0x90, UInt8(fields.count + 2), 0x00, counter == nil ? 0x24 : 0x2C] + fields + frame[10...])
  }

  /// A frame in format A with the check values that its bytes want.
  static func resealed(_ frame: [UInt8]) -> [UInt8] {
    guard frame.count > 12 else { return frame }
    var sealed = checked(frame[..<10])
    for start in stride(from: 12, to: frame.count, by: 18) {
      sealed += checked(frame[start..<max(start, min(start + 18, frame.count) - 2)])
    }
    return sealed
  }

  /// Some bytes, and their check value.
  private static func checked(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    let value = CRC16.en13757(Array(bytes).span, 0..<bytes.count)
    return bytes + [UInt8(value >> 8), UInt8(value & 255)]
  }
}

extension WirelessCipher {
  /// AES of libcrypto.
  init(testing key: [UInt8]?) {
    self.init(key: key) { mode, key, vector, text in
      guard let context = unsafe EVP_CIPHER_CTX_new() else { return false }
      defer { unsafe EVP_CIPHER_CTX_free(context) }
      let cipher = unsafe mode == .counter ? EVP_aes_128_ctr() : EVP_aes_128_cbc()
      let isEnciphering: Int32 = mode == .encipherChained ? 1 : 0
      unsafe EVP_CipherInit_ex(context, cipher, nil, Array(key), Array(vector), isEnciphering)
      unsafe EVP_CIPHER_CTX_set_padding(context, 0)
      var count: Int32 = 0
      return unsafe text.withUnsafeMutableBufferPointer {
        unsafe EVP_CipherUpdate(context, $0.baseAddress, &count, $0.baseAddress, Int32($0.count)) == 1
      }
    }
  }
}
