import Testing

@testable import Decoders

private let records: [UInt8] = [0x0C, 0x13, 0x45, 0x23, 0x01, 0x00]

/// What a meter with a key makes of a frame: its lines, or the code of the error.
private func result(_ frame: [UInt8], key: [UInt8]? = WirelessBuilder.key, allowsPlain: Bool = false) -> [String] {
  var known = WirelessMBusDecoder.Configuration()
  known.cipher = WirelessCipher(testing: key)
  known.protection = ProtectionRule(needsCipher: key != nil, allowsPlain: allowsPlain)
  let decoded = decodeAll(frames(WirelessMBusFramer(), frame), WirelessMBusDecoder(known))
  return decoded.telegrams.flatMap(\.lines).filter { $0.hasPrefix("volume") } + decoded.errors.map(\.code.name)
}

@Suite struct WirelessSecurityTests {
  @Test("the authentication code is AES-CMAC")
  func authenticationCode() throws {
    let cipher = WirelessCipher(
      testing: [0x2B, 0x7E, 0x15, 0x16, 0x28, 0xAE, 0xD2, 0xA6, 0xAB, 0xF7, 0x15, 0x88, 0x09, 0xCF, 0x4F, 0x3C])
    // RFC 4493, examples 1 and 2.
    #expect(cipher.authenticationCode([])?.prefix(4) == [0xBB, 0x1D, 0x69, 0x29])
    let block = try #require(Hexadecimal.bytes("6BC1BEE22E409F96E93D7E117393172A".utf8))
    #expect(cipher.authenticationCode(block)?.prefix(4) == [0x07, 0x0A, 0x16, 0xB4])
    #expect(WirelessCipher(testing: nil).authenticationCode(block) == nil)
  }

  @Test("mode 5 needs the meter's key, and names a wrong one")
  func chained() {
    let frame = WirelessBuilder.chained(records)
    #expect(result(frame) == ["volume: 12.345 m³"])
    #expect(result(frame, key: nil) == ["no_key"])
    #expect(result(frame, key: [UInt8](2...17)) == ["wrong_key"])
    var cut = frame
    cut[0] -= 16
    #expect(result(cut.dropLast(16)) == ["truncated"])
  }

  @Test("a telegram in plain is not believed of a meter that has a key")
  func plain() {
    let plain = WirelessBuilder.stripped([0x7A, 0x01, 0x00, 0x00, 0x00] + records)
    #expect(result(plain, key: nil) == ["volume: 12.345 m³"])
    #expect(result(plain) == ["not_encrypted"])
    #expect(result(plain, allowsPlain: true) == ["volume: 12.345 m³"])
    #expect(result(WirelessBuilder.stripped([0x78] + records)) == ["not_encrypted"])
    // Deciphered by a receiver: the check word stands in plain.
    let open = WirelessBuilder.stripped(
      [0x7A, 0x01, 0x00, 0x10, 0x25, 0x2F, 0x2F] + records + [UInt8](repeating: 0x2F, count: 8))
    #expect(result(open, key: nil) == ["volume: 12.345 m³"])
    #expect(result(open) == ["not_encrypted"])
  }

  @Test("a code around a telegram of mode 5, or in plain, is checked with the key, and never believed without a check")
  func code() throws {
    let chained = WirelessBuilder.chained(records)
    let plain = WirelessBuilder.stripped([0x7A, 0x01, 0x00, 0x00, 0x00] + records)
    for (frame, without) in [(chained, "no_key"), (plain, "volume: 12.345 m³")] {
      let sealed = WirelessBuilder.authenticated(frame)
      #expect(result(sealed, allowsPlain: true) == ["volume: 12.345 m³"])
      #expect(result(sealed, key: nil) == [without])
      // The code is of another key, or its counter is not told.
      #expect(result(WirelessBuilder.authenticated(frame, key: [UInt8](2...17)), allowsPlain: true) == ["wrong_key"])
      #expect(result(WirelessBuilder.authenticated(frame, counter: nil), allowsPlain: true) == ["unsupported_security"])
      for index in sealed.indices.dropFirst(14) {
        var flipped = sealed
        flipped[index] ^= 0x01
        #expect(!result(flipped, allowsPlain: true).contains("volume: 12.345 m³"), "byte \(index)")
      }
    }
    #expect(result(WirelessBuilder.authenticated(plain)) == ["not_encrypted"])
    // What it proves counts, and its counter.
    var known = WirelessMBusDecoder.Configuration()
    known.cipher = WirelessCipher(testing: WirelessBuilder.key)
    var decoder = WirelessMBusDecoder(known)
    var open = WirelessMBusDecoder()
    var telegrams: [Telegram] = []
    try decoder.decode(WirelessBuilder.authenticated(chained).span, into: &telegrams)
    try open.decode(WirelessBuilder.authenticated(plain).span, into: &telegrams)
    #expect(telegrams.map(\.protection) == [.authenticated, .none])
    #expect(telegrams.map { $0.seal?.counter } == [9, nil])
    #expect(telegrams.map { ($0.content as? WirelessMBusContent)?.hasUncheckedCode } == [false, true])
  }

  @Test("a telegram of mode 5 that counts no blocks is plain if its records say so, and refused as such")
  func noBlocks() {
    let plain = WirelessBuilder.stripped([0x7A, 0x01, 0x00, 0x00, 0x05] + records)
    #expect(result(plain) == ["not_encrypted"])
    #expect(result(plain, allowsPlain: true) == ["volume: 12.345 m³"])
    #expect(result(plain, key: nil) == ["volume: 12.345 m³"])
    var chained = WirelessBuilder.chained(records)
    chained[13] = 0x00
    #expect(result(chained) == ["volume: 12.345 m³"])
    #expect(result(chained, key: [UInt8](2...17), allowsPlain: true) == ["wrong_key"])
  }

  /// Of frames without check values one in 65 536 has each of these.
  @Test("a frame without check values is read, although by chance one seems to be there")
  func chance() throws {
    // Its last two bytes would be right in format B.
    let chained = WirelessBuilder.chained([0x04, 0x13, 0x55, 0xCB, 0x00, 0x00])
    #expect(try WirelessFrame(chained.span).format == .b)
    #expect(result(chained) == ["volume: 52.053 m³"])
    #expect(result(chained, key: [UInt8](2...17)) == ["wrong_key"])
    #expect(result(chained, key: nil) == ["no_key"])
    // CI field and access number would be right behind the first block of format A.
    let address: [UInt8] = [0x35, 0x06, 0x00, 0x01, 0x11, 0x70, 0x21, 0x07]
    let plain = WirelessBuilder.stripped([0x7A, 0x17, 0x00, 0x00, 0x00] + records, address: address)
    #expect(CRC16.en13757(plain.span, 0..<10) == 0x7A17)
    #expect(result(plain, key: nil) == ["volume: 12.345 m³"])
    #expect(result(WirelessBuilder.formatA(plain), key: nil) == ["volume: 12.345 m³"])
    // In plain it depends on what came before.
    let other = WirelessBuilder.stripped([0x7A, 0x01, 0x00, 0x00, 0x00] + records)
    var sealed = WirelessBuilder.stripped([0x7A, 0x02, 0x00, 0x00, 0x00, 0x04, 0x13, 0x45, 0x23])
    sealed[0] += 2
    let value = CRC16.en13757(sealed.span, 0..<sealed.count)
    sealed += [UInt8(value >> 8), UInt8(value & 255)]
    var decoder = WirelessMBusDecoder()
    var telegrams: [Telegram] = []
    try decoder.decode(sealed.span, into: &telegrams)
    #expect(telegrams.last?.issues.map(\.code) == [.truncated])
    try decoder.decode(other.span, into: &telegrams)
    try decoder.decode(sealed.span, into: &telegrams)
    #expect(telegrams.last?.issues.isEmpty == true)
  }

  @Test("other kinds of protection are named")
  func unsupported() {
    for mode in [1, 4, 6, 8, 9, 10, 13, 15] as [UInt8] {
      let frame = WirelessBuilder.stripped([0x7A, 0x01, 0x00, 0x10, mode] + [UInt8](repeating: 0x55, count: 16))
      #expect(result(frame) == ["unsupported_security"], "mode \(mode)")
    }
  }

  @Test("a bit flipped in mode 7 fails the code over the telegram")
  func derived() throws {
    let sample = try #require(Sample.all(of: .wmbus).first { $0.name == "mode7" })
    let stripped = try WirelessFrame(sample.bytes.span).stripped(sample.bytes.span)
    #expect(sample.decoded(stripped).telegrams.map(\.protection) == [.authenticated])
    for index in stripped.indices.dropFirst(31) {
      var flipped = stripped
      flipped[index] ^= 0x20
      let decoded = sample.decoded(flipped)
      #expect(decoded.telegrams.isEmpty && !decoded.errors.isEmpty, "byte \(index)")
    }
  }

  @Test("the counter of a telegram seals it, if its key opened it")
  func seals() throws {
    for (name, counter, isVerified) in [("mode7", 4711, true), ("session", 80_003, false)] as [(String, UInt32, Bool)] {
      var sample = try #require(Sample.all(of: .wmbus).first { $0.name == name })
      let seal = try #require(sample.decoded(sample.bytes).telegrams.first?.seal)
      #expect(seal.counter == counter && seal.isVerified == isVerified && seal.frame == sample.bytes)
      sample.settings.key = nil
      #expect(sample.decoded(sample.bytes).errors.map(\.code) == [.noKey])
    }
  }

  @Test("an error about a key names the meter")
  func names() throws {
    var decoder = WirelessMBusDecoder()
    var telegrams: [Telegram] = []
    let frame = WirelessBuilder.chained(records)
    let error = #expect(throws: DecodeError.self) { try decoder.decode(frame.span, into: &telegrams) }
    #expect(error?.description == "encrypted, and no key is configured for meter AQU2170112233")
  }
}
