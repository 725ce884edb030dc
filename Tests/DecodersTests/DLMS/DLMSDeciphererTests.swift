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
  var testDescription: String { "\(Hexadecimal.text([byte])) \(isKeyKnown ? "with" : "without") authentication key" }
}

@Suite struct DLMSDeciphererTests {
  @Test(
    "every kind of envelope is opened",
    arguments: [
      Security(byte: 0x20, isKeyKnown: false, verification: .noTag),
      Security(byte: 0x21, isKeyKnown: true, verification: .noTag),
      Security(byte: 0x60, isKeyKnown: false, verification: .noTag),
      Security(byte: 0x30, isKeyKnown: true, verification: .verified),
      Security(byte: 0x31, isKeyKnown: true, verification: .verified),
      Security(byte: 0x30, isKeyKnown: false, verification: .unchecked),
      Security(byte: 0x31, isKeyKnown: false, verification: .unchecked),
      Security(byte: 0x10, isKeyKnown: true, verification: .verified),
      Security(byte: 0x10, isKeyKnown: false, verification: .unchecked),
    ])
  private func envelopes(_ security: Security) throws {
    for tag in [0xDB, 0xDC] as [UInt8] {
      let sealed = DLMSBuilder.seal(data, counter: 7, security: security.byte, tag: tag)
      let decoder = DLMSBuilder.decoder(authenticationKey: security.isKeyKnown ? DLMSBuilder.authenticationKey : nil)
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
    }
  }

  @Test("a flipped bit breaks the tag") func flippedBit() {
    for security in [0x30, 0x10] as [UInt8] {
      let sealed = DLMSBuilder.seal(data, counter: 7, security: security)
      let decoder = DLMSBuilder.decoder(authenticationKey: DLMSBuilder.authenticationKey)
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
    // Compression is beyond us; neither enciphered nor authenticated is nothing.
    #expect(
      DLMSBuilder.codes(DLMSBuilder.decoder(), [changed(sealed, at: 12, by: 0x80), changed(sealed, at: 12, by: 0x20)])
        == [
          .unsupported, .unsupported,
        ])
    #expect(DLMSBuilder.codes(DLMSBuilder.decoder(), [[0xDD] + sealed.dropFirst()]) == [.unsupported])
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
    let wrong = DLMSBuilder.decoder(authenticationKey: DLMSBuilder.key)
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

  @Test("a failed check moves no counter") func forgedCounter() {
    let decoder = DLMSBuilder.decoder(authenticationKey: DLMSBuilder.authenticationKey)
    let forged = changed(DLMSBuilder.seal(data, counter: 1000, security: 0x30), at: 40)
    let telegrams = [
      DLMSBuilder.seal(data, counter: 1, security: 0x30), forged, DLMSBuilder.seal(data, counter: 2, security: 0x30),
    ]
    #expect(DLMSBuilder.codes(decoder, telegrams) == [nil, .undecipherable, nil])
  }
}
