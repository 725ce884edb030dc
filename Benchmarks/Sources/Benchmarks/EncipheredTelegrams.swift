import CCrypto
import Decoders
import Glibc

/// Telegrams of one meter with a rising frame counter: a repeated telegram would be rejected.
struct EncipheredTelegrams {
  private static let count = 1000
  private static let headCount = 18

  private let key: [UInt8]
  /// M-Bus frames, the segments of a telegram one after the other.
  private var frames: [[UInt8]] = []
  /// The nonce and the cipher of each telegram.
  private var parts: [(nonce: [UInt8], text: [UInt8])] = []

  /// Makes them of one, in two M-Bus frames and without a tag.
  init?(_ sample: [UInt8], _ key: [UInt8]) {
    self.key = key
    guard key.count == 16, sample.count > 4, let cipher = BenchmarkCipher(key) else { return nil }
    let first = Int(sample[1]) + 6
    guard first + 11 < sample.count else { return nil }
    // Behind start, length, control, address, CI and two transport addresses; before checksum and stop.
    let data = sample[9..<first - 2] + sample[first + 9..<sample.count - 2]
    let head = Array(data.prefix(Self.headCount))
    guard data.count > Self.headCount, head[0] == 0xDB, head[1] == 8, head[10] == 0x82 else { return nil }
    let title = Array(head[2..<10])
    let start = head[14..<18].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    var text = Array(data.dropFirst(Self.headCount))
    guard cipher.decipher(&text, title + head[14..<18]) else { return nil }
    for step in 0..<UInt32(Self.count) {
      let counter = (0..<4).map { UInt8(truncatingIfNeeded: (start &+ step) >> UInt32(24 - 8 * $0)) }
      // Counter mode: deciphering a text in plain enciphers it.
      var sealed = text
      guard cipher.decipher(&sealed, title + counter) else { return nil }
      let telegram = head.prefix(14) + counter + sealed
      let cut = telegram.startIndex + first - 11
      frames.append(
        Self.frame([0x53, 0xFF, 0x00, 0x01, 0x67] + telegram[..<cut])
          + Self.frame([0x53, 0xFF, 0x11, 0x01, 0x67] + telegram[cut...]))
      parts.append((title + counter, sealed))
    }
    guard frames[0] == sample else { return nil }
  }

  /// Prints telegrams a second of processor time, from the bytes off the line to readings.
  func decode() {
    guard let cipher = BenchmarkCipher(key) else { exit(69) }
    var settings = DLMSDecoder.Configuration()
    settings.cipher = DLMSCipher { nonce, _, _, text in cipher.decipher(&text, nonce) }
    var telegrams: [Telegram] = []
    var fields = 0
    measure {
      var framer = DLMSFramer()
      var decoder = DLMSDecoder(settings)
      for bytes in frames {
        framer.append(bytes.span)
        guard case .frame(let frame)? = framer.next() else { exit(65) }
        telegrams.removeAll(keepingCapacity: true)
        let span = frame.span
        do { try decoder.decode(span, into: &telegrams) } catch { exit(65) }
        fields = telegrams[0].readings[0].fields.count
        guard fields > 10 else { exit(65) }
      }
    }
  }

  /// Prints texts a second of processor time that libcrypto deciphers.
  func decipher() {
    guard let cipher = BenchmarkCipher(key) else { exit(69) }
    var parts = parts
    measure {
      for index in parts.indices where !cipher.decipher(&parts[index].text, parts[index].nonce) { exit(65) }
    }
  }

  private func measure(_ work: () -> Void) {
    var count = 0
    let start = Benchmarks.seconds(CLOCK_PROCESS_CPUTIME_ID)
    while Benchmarks.seconds(CLOCK_PROCESS_CPUTIME_ID) - start < 3 {
      work()
      count += Self.count
    }
    print(Int(Double(count) / (Benchmarks.seconds(CLOCK_PROCESS_CPUTIME_ID) - start)))
  }

  private static func frame(_ content: [UInt8]) -> [UInt8] {
    let count = UInt8(truncatingIfNeeded: content.count)
    return [0x68, count, count, 0x68] + content + [content.reduce(0, &+), 0x16]
  }
}

/// AES-128 in Galois/counter mode by libcrypto, without a tag, as the daemon calls it.
final class BenchmarkCipher: @unchecked Sendable {
  private let context: OpaquePointer

  init?(_ key: [UInt8]) {
    guard let context = EVP_CIPHER_CTX_new() else { return nil }
    self.context = context
    guard EVP_DecryptInit_ex(context, EVP_aes_128_gcm(), nil, key, nil) == 1 else { return nil }
  }

  deinit { EVP_CIPHER_CTX_free(context) }

  func decipher(_ text: inout MutableSpan<UInt8>, _ nonce: Span<UInt8>) -> Bool {
    var count: Int32 = 0
    let isReady = nonce.withUnsafeBufferPointer { EVP_DecryptInit_ex(context, nil, nil, nil, $0.baseAddress) == 1 }
    return isReady
      && text.withUnsafeMutableBufferPointer {
        EVP_DecryptUpdate(context, $0.baseAddress, &count, $0.baseAddress, Int32($0.count)) == 1
      }
  }

  func decipher(_ text: inout [UInt8], _ nonce: [UInt8]) -> Bool {
    var span = text.mutableSpan
    return decipher(&span, nonce.span)
  }
}
