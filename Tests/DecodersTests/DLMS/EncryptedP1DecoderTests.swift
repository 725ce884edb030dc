import Testing

@testable import Decoders

private let p1 = P1Builder.bytes(
  ["0-0:1.0.0(221120190340W)", "0-0:42.0.0(53414731)", "1-0:1.7.0(00.472*kW)"], identification: "SAG5SAG-METER")

private func cipher(_ authenticationKey: [UInt8]? = nil) -> DLMSCipher? {
  DLMSCipher(key: DLMSBuilder.key, authenticationKey: authenticationKey)
}

@Suite struct EncryptedP1DecoderTests {
  @Test("an enciphered P1 telegram is read on a P1 port and on a DLMS port", arguments: [0x20, 0x30] as [UInt8])
  func bothPorts(security: UInt8) throws {
    let first = DLMSBuilder.seal(p1, counter: 1, security: security)
    let second = DLMSBuilder.seal(p1, counter: 2, security: security)
    verifyShapes(EncryptedP1Framer(), first + second, expected: [first, second])
    for key in [nil, DLMSBuilder.authenticationKey] {
      let settings = DLMSBuilder.settings { $0.cipher = cipher(key) }
      for decoded in [
        decodeAll(frames(EncryptedP1Framer(), first + second), EncryptedP1Decoder(cipher(key))),
        decodeAll(frames(DLMSFramer(), first + second), DLMSDecoder(settings)),
      ] {
        #expect(decoded.errors == [])
        #expect(
          decoded.telegrams.map { $0.readings[0].fieldLines } == [["power_import: 472 W"], ["power_import: 472 W"]])
        // The checksum of the text is mandatory. A tag says more, if its key is known.
        let isVerified = security == 0x30 && key != nil
        #expect(
          decoded.telegrams.map(\.protection) == [
            isVerified ? .authenticated : .checkValue, isVerified ? .authenticated : .checkValue,
          ])
      }
    }
  }

  @Test("the checksum of the text must hold") func checksum() {
    func error(_ text: [UInt8], counter: UInt32 = 1, decoder: EncryptedP1Decoder = EncryptedP1Decoder(cipher()))
      -> DecodeError.Code?
    {
      decodeAll([.frame(DLMSBuilder.seal(text, counter: counter))], decoder).errors.first?.code
    }
    var broken = p1
    broken[60] ^= 1
    #expect(error(p1) == nil)
    #expect(error(broken) == .checksumMismatch)
    #expect(error(p1.dropLast(6) + [0x0D, 0x0A]) == .checksumMissing)
    #expect(error(DLMSBuilder.kaifa()) == .unsupported)
    #expect(error(p1, decoder: EncryptedP1Decoder(nil)) == .noKey)
    let known = [DLMSFrameCounter(title: SystemTitle(0x4B46_4D65_5012_3456), value: 5)]
    #expect(error(p1, counter: 5, decoder: EncryptedP1Decoder(cipher(), counters: known)) == .replayed)
    #expect(
      decodeAll([.frame(DLMSBuilder.seal(p1, counter: 1, key: [UInt8](1...16)))], EncryptedP1Decoder(cipher())).errors
        .map(\.code) == [.wrongKey])
  }
}
