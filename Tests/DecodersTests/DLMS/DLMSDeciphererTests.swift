import Testing

@testable import Decoders

private let data = DLMSBuilder.kaifa()
private let title = SystemTitle(0x4B46_4D65_5012_3456)

private func changed(_ bytes: [UInt8], at place: Int, by bit: UInt8 = 1) -> [UInt8] {
  var bytes = bytes
  bytes[place] ^= bit
  return bytes
}

private struct Security: Sendable, CustomTestStringConvertible {
  var byte: UInt8
  var isKeyKnown: Bool
  var verification: DLMSVerification
  var allowsPlain = false
  var testDescription: String { "\(Hexadecimal.text([byte])) \(isKeyKnown ? "with" : "without") authentication key" }
}

@Suite struct DLMSDeciphererTests {
  @Test(
    "every kind of envelope is opened",
    arguments: [
      Security(byte: 0x20, isKeyKnown: false, verification: .noTag),
      Security(byte: 0x21, isKeyKnown: false, verification: .noTag),
      Security(byte: 0x60, isKeyKnown: false, verification: .noTag),
      Security(byte: 0x30, isKeyKnown: true, verification: .verified),
      Security(byte: 0x31, isKeyKnown: true, verification: .verified),
      Security(byte: 0x30, isKeyKnown: false, verification: .unchecked),
      Security(byte: 0x31, isKeyKnown: false, verification: .unchecked),
      Security(byte: 0x10, isKeyKnown: true, verification: .verified, allowsPlain: true),
      Security(byte: 0x10, isKeyKnown: false, verification: .unchecked, allowsPlain: true),
    ])
  private func envelopes(_ security: Security) throws {
    for tag in [0xDB, 0xDC] as [UInt8] {
      let sealed = DLMSBuilder.seal(data, counter: 7, security: security.byte, tag: tag)
      let decoder = DLMSBuilder.decoder(
        authenticationKey: security.isKeyKnown ? DLMSBuilder.authenticationKey : nil, allowsPlain: security.allowsPlain)
      let decoded = decodeAll([.frame(sealed)], decoder)
      let telegram = try #require(decoded.telegrams.first, "\(decoded.errors)")
      #expect(telegram.readings[0].meterNumber == "123456789012")
      #expect(telegram.bytes == sealed)
      let header = try #require(telegram.dlmsHeader)
      #expect(header.verification == security.verification)
      #expect(telegram.protection == (security.verification == .verified ? .authenticated : .none))
      #expect(header.systemTitle == title)
      #expect(header.frameCounter == 7)
      #expect(header.security?.byte == security.byte)
      let isProof = security.byte & 0x20 != 0 || security.isKeyKnown
      #expect(telegram.seal?.counter == (isProof ? 7 : nil))
      #expect(telegram.seal?.isVerified == (isProof ? security.verification == .verified : nil))
    }
  }

  @Test("a flipped bit breaks the tag") func flippedBit() {
    for security in [0x30, 0x10] as [UInt8] {
      let sealed = DLMSBuilder.seal(data, counter: 7, security: security)
      let decoder = DLMSBuilder.decoder(authenticationKey: DLMSBuilder.authenticationKey, allowsPlain: true)
      for place in stride(from: 12, to: sealed.count, by: 1) {
        let codes = DLMSBuilder.codes(decoder, [changed(sealed, at: place)])
        #expect(codes != [nil], "byte \(place)")
      }
    }
  }

  @Test("the configured title counts where the telegram has none") func configuredTitle() {
    let sealed = DLMSBuilder.seal(data, counter: 7, sendsTitle: false)
    #expect(DLMSBuilder.codes(DLMSBuilder.decoder(systemTitle: title), [sealed]) == [nil])
    #expect(DLMSBuilder.codes(DLMSBuilder.decoder(), [sealed]) == [.systemTitleMissing])
  }

  @Test("an envelope with a wrong head is an error") func heads() {
    let sealed = DLMSBuilder.seal(data, counter: 7)
    #expect(DLMSBuilder.codes(DLMSBuilder.decoder(), [Array(sealed.dropLast())]) == [.lengthMismatch])
    #expect(DLMSBuilder.codes(DLMSBuilder.decoder(), [changed(sealed, at: 1)]) == [.badFrame])
    // Compression and other suites are beyond us; neither enciphered nor authenticated is nothing.
    let securities = ([0x80, 0x02, 0x0F, 0x20] as [UInt8]).map { changed(sealed, at: 12, by: $0) }
    #expect(
      DLMSBuilder.codes(DLMSBuilder.decoder(allowsPlain: true), securities)
        == [.unsupportedSecurity, .unsupportedSecurity, .unsupportedSecurity, .unsupportedSecurity])
    for tag in [0xDD, 0xDF] as [UInt8] {
      #expect(DLMSBuilder.codes(DLMSBuilder.decoder(), [[tag] + sealed.dropFirst()]) == [.unsupportedSecurity])
    }
  }

  @Test("without a key the error names the meter") func noKey() throws {
    let error = try #require(decodeAll([.frame(DLMSBuilder.seal(data, counter: 1))], DLMSDecoder()).errors.first)
    #expect(error.code == .noKey)
    #expect(error.description.contains("6KFM5501193046"))
  }

  @Test("a wrong key is recognised whatever the telegram") func wrongKey() {
    for other in UInt8(1)...60 {
      let wrong = DLMSBuilder.decoder(key: DLMSBuilder.key.map { $0 ^ other })
      #expect(DLMSBuilder.codes(wrong, [DLMSBuilder.seal(data, counter: UInt32(other))]) == [.wrongKey])
    }
    let wrong = DLMSBuilder.decoder(key: DLMSBuilder.key.reversed(), authenticationKey: DLMSBuilder.authenticationKey)
    #expect(DLMSBuilder.codes(wrong, [DLMSBuilder.seal(data, counter: 1, security: 0x30)]) == [.wrongKey])
  }

  @Test("a wrong authentication key is told from a wrong key") func wrongAuthenticationKey() {
    let wrong = DLMSBuilder.decoder(authenticationKey: DLMSBuilder.key, allowsPlain: true)
    #expect(DLMSBuilder.codes(wrong, [DLMSBuilder.seal(data, counter: 1, security: 0x30)]) == [.wrongAuthenticationKey])
    #expect(DLMSBuilder.codes(wrong, [DLMSBuilder.seal(data, counter: 1, security: 0x10)]) == [.wrongAuthenticationKey])
  }

  @Test("damage is not a wrong key unless it goes on") func damage() {
    let good = DLMSBuilder.seal(data, counter: 1)
    let damaged = (2..<6).map { changed(DLMSBuilder.seal(data, counter: $0), at: 17, by: 0x80) }
    #expect(
      DLMSBuilder.codes(DLMSBuilder.decoder(), [good] + damaged + [DLMSBuilder.seal(data, counter: 9)])
        == [nil, .undecipherable, .undecipherable, .wrongKey, .wrongKey, nil])
  }

  @Test("damage behind a good beginning is an error at its place") func lateDamage() {
    // The tag of the list becomes one that no value has.
    let damaged = changed(DLMSBuilder.seal(data, counter: 1), at: 17 + 18 + 2, by: 0x40)
    #expect(DLMSBuilder.codes(DLMSBuilder.decoder(), [damaged]) == [.badRecord])
  }

}

// MARK: - What the configuration names

extension DLMSDeciphererTests {
  @Test("with a key a telegram in plain is not believed, unless the meter mixes") func plain() {
    for key in [nil, DLMSBuilder.authenticationKey] {
      func codes(_ telegram: [UInt8], allowsPlain: Bool = false) -> [DecodeError.Code?] {
        DLMSBuilder.codes(DLMSBuilder.decoder(authenticationKey: key, allowsPlain: allowsPlain), [telegram])
      }
      #expect(codes(data) == [.notEncrypted])
      #expect(codes(data, allowsPlain: true) == [nil])
      for security in [0x10, 0x11] as [UInt8] {
        let forged =
          DLMSBuilder.seal(data, counter: .max, security: security).dropLast(12) + [UInt8](repeating: 0, count: 12)
        #expect(codes(Array(forged)) == [.notEncrypted])
        #expect(codes(Array(forged), allowsPlain: true) == [key == nil ? nil : .wrongAuthenticationKey])
      }
      #expect(codes(changed(DLMSBuilder.seal(data, counter: 1), at: 12, by: 0x20)) == [.notEncrypted])
    }
    #expect(DLMSBuilder.codes(DLMSDecoder(), [data]) == [nil])
  }

  @Test("with an authentication key a telegram without a tag is not believed, whichever bit is flipped") func tags() {
    let decoder = DLMSBuilder.decoder(authenticationKey: DLMSBuilder.authenticationKey, allowsPlain: true)
    let sealed = DLMSBuilder.seal(data, counter: 1)
    for place in 17..<sealed.count {
      #expect(DLMSBuilder.codes(decoder, [changed(sealed, at: place)]) == [.notAuthenticated])
    }
  }

  @Test("a short list that chance could make is not proof of a key") func shortLists() {
    let list = AXDR.list(AXDR.uint32(472))
    #expect(DLMSBuilder.codes(DLMSBuilder.decoder(), [DLMSBuilder.seal(list, counter: .max)]) == [.wrongKey])
    #expect(DLMSBuilder.codes(DLMSBuilder.decoder(), [DLMSBuilder.seal([2, 0], counter: .max)]) == [.wrongKey])
  }
}
