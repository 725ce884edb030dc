import Testing

@testable import Decoders

/// Whether a telegram says that a check value covered it.
struct ProtectionTests {
  @Test("a P1 telegram is protected by its checksum, if it has one")
  func p1() throws {
    let lines = ["1-0:1.7.0(00.472*kW)"]
    #expect(try P1Builder.telegrams(P1Builder.bytes(lines)).map(\.protection) == [.checkValue])
    #expect(try P1Builder.telegrams(P1Builder.bytes(lines, checksum: false)).map(\.protection) == [.none])
  }

  @Test("a DLMS telegram is protected by the frames that carry it")
  func dlms() {
    let data = DLMSBuilder.kaifa()
    for (bytes, protection) in [
      (DLMSBuilder.mbus(data).flatMap(\.self), Telegram.Protection.checkValue),
      (DLMSBuilder.hdlc(data).flatMap(\.self), .checkValue), (DLMSBuilder.wrapper(data), .none), (data, .none),
    ] {
      let decoded = decodeAll(frames(DLMSFramer(), bytes), DLMSDecoder())
      #expect(decoded.telegrams.map(\.protection) == [protection])
    }
  }

  @Test("M-Bus has a check value, and the radio of the B-route a tag")
  func others() {
    for sample in Sample.all(of: .mbus) + Sample.all(of: .echonet) {
      let telegrams = sample.decoded(sample.bytes).telegrams
      let protection = sample.meterProtocol == .mbus ? Telegram.Protection.checkValue : .authenticated
      #expect(!telegrams.isEmpty && telegrams.allSatisfy { $0.protection == protection }, "\(sample.name)")
    }
  }

  @Test("a wireless telegram is protected by check values and codes; a cipher that it opens with does not show damage")
  func wireless() {
    let records: [UInt8] = [0x0C, 0x13, 0x45, 0x23, 0x01, 0x00, 0x04, 0x6D, 0x00, 0x0C, 0x74, 0x3B]
    var known = WirelessMBusDecoder.Configuration()
    known.cipher = WirelessCipher(testing: WirelessBuilder.key)
    func protection(_ frame: [UInt8]) -> [Telegram.Protection] {
      decodeAll([.frame(frame)], WirelessMBusDecoder(known)).telegrams.map(\.protection)
    }
    let plain = WirelessBuilder.stripped([0x7A, 1, 0, 0, 0] + records)
    let chained = WirelessBuilder.chained(records)
    for frame in [plain, chained] {
      #expect(protection(frame) == [.none])
      #expect(protection(WirelessBuilder.formatA(frame)) == [.checkValue])
      #expect(protection(WirelessBuilder.formatB(frame)) == [.checkValue])
      #expect(protection(WirelessBuilder.authenticated(frame)) == [.authenticated])
    }
    // The version is in the vector of the cipher, and changes a byte of the volume.
    var damaged = chained
    damaged[8] ^= 1
    let telegrams = decodeAll([.frame(damaged)], WirelessMBusDecoder(known)).telegrams
    #expect(telegrams.flatMap(\.lines).contains("volume: 2.345 m³"))
  }

  @Test("a number says which place it comes from")
  func ranks() throws {
    func rank(_ lines: String...) throws -> UInt8? {
      try P1Builder.telegrams(P1Builder.bytes(lines)).first?.readings[0].meter.numberRank
    }
    #expect(try rank("1-0:1.7.0(00.472*kW)") == 0)
    #expect(try rank("0-0:96.1.1(4530)") == 4)
    #expect(try rank("0-0:96.1.1(4530)", "0-0:96.1.0(4531)") == 5)
    let list = decodeAll([.frame(DLMSBuilder.kaifa())], DLMSDecoder()).telegrams.first
    #expect(list?.readings[0].meter.numberRank == 6)
    // The list lacks a number, so the title of the cipher is the number.
    let body = AXDR.list(AXDR.code(1, 0, 1, 7, 0), AXDR.uint32(472))
    let sealed = DLMSBuilder.seal(DLMSBuilder.notification(body), counter: 1)
    let titled = decodeAll([.frame(sealed)], DLMSBuilder.decoder()).telegrams.first
    #expect(titled?.readings[0].meterNumber != nil)
    #expect(titled?.readings[0].meter.numberRank == 0)
  }
}
