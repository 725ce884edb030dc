internal import Base
internal import Meters

/// The cipher around the telegrams of a fake meter: general-glo-ciphering (Green Book 9.2.7.2.4).
///
///     DB 08 title 82 length security counter text [tag 12]
struct SimulatedCipher: Sendable {
  let key: MeterKey
  /// Nil for telegrams without a tag.
  let authenticationKey: MeterKey?
  /// Nil for a meter that does not send it, and enciphers with eight zeros.
  let title: [UInt8]?
  /// The bits of the security control byte beside those for cipher and tag.
  let suite: UInt8
  /// Rises with every telegram unless it stays.
  var counter: UInt32
  let isCounting: Bool

  init(
    _ key: MeterKey, authenticationKey: MeterKey? = nil, title: [UInt8]?, suite: UInt8 = 0, counter: UInt32,
    isCounting: Bool = true
  ) {
    self.key = key
    self.authenticationKey = authenticationKey
    self.title = title
    self.suite = suite
    self.counter = counter
    self.isCounting = isCounting
  }

  /// The envelope of the next telegram; nil if libcrypto fails.
  mutating func envelope(_ text: [UInt8]) -> [UInt8]? {
    let security = suite | (authenticationKey == nil ? 0x20 : 0x30)
    let nonce = (title ?? [UInt8](repeating: 0, count: 8)) + Self.bigEndian(counter, 4)
    let associated = authenticationKey.map { [security] + $0.reveal } ?? []
    guard let sealed = GaloisCounterMode.seal(text, key, nonce: nonce, associated: associated) else { return nil }
    let content = [security] + Self.bigEndian(counter, 4) + sealed.text + (authenticationKey == nil ? [] : sealed.tag)
    if isCounting { counter &+= 1 }
    let head = title.map { [0x08] + $0 } ?? [0x00]
    return [0xDB] + head + [0x82] + Self.bigEndian(UInt32(content.count), 2) + content
  }

  private static func bigEndian(_ value: UInt32, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> UInt32(8 * (count - 1 - $0))) }
  }

  /// The keys of simulated meters. They protect nothing and may be public.
  static let usualKey = try? MeterKey("53494D554C415445444D455445524B59")
  static let usualAuthenticationKey = try? MeterKey("53494D554C4154454441555448204B59")
}
