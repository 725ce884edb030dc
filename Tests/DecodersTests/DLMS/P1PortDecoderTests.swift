import Testing

@testable import Decoders

private let lines = ["0-0:1.0.0(221120190340W)", "0-0:42.0.0(53414731)", "1-0:1.7.0(00.472*kW)"]
private let p1 = P1Builder.bytes(lines, identification: "SAG5SAG-METER")
/// The lines alone, without identification and end.
private let bare = Array(lines.map { $0 + "\r\n" }.joined().utf8)

private func cipher(_ authenticationKey: [UInt8]? = nil, key: [UInt8] = DLMSBuilder.key) -> DLMSCipher? {
  DLMSCipher(key: key, authenticationKey: authenticationKey)
}

private func port(
  key: [UInt8] = DLMSBuilder.key, authenticationKey: [UInt8]? = nil, allowsPlain: Bool = false
) -> P1PortDecoder {
  P1PortDecoder(
    cipher(authenticationKey, key: key),
    protection: ProtectionRule(
      needsCipher: true, needsTag: authenticationKey != nil, allowsPlain: allowsPlain))
}

/// What a stream gives: the lines of its fields, or the codes of its errors.
private func outcome(_ bytes: [UInt8], _ decoder: P1PortDecoder) -> [String] {
  let decoded = decodeAll(frames(P1Framer(), bytes), decoder)
  return decoded.telegrams.flatMap { $0.readings[0].fieldLines } + decoded.errors.map(\.code.name)
}

private let power = "power_import: 472 W"

@Suite struct P1PortDecoderTests {
  @Test("an enciphered P1 telegram is read on a P1 port and on a DLMS port", arguments: [0x20, 0x30] as [UInt8])
  func bothPorts(security: UInt8) throws {
    let first = DLMSBuilder.seal(p1, counter: 1, security: security)
    let second = DLMSBuilder.seal(p1, counter: 2, security: security)
    verifyShapes(P1Framer(), first + second, expected: [first, second])
    for key in [nil, DLMSBuilder.authenticationKey] {
      let settings = DLMSBuilder.settings { $0.cipher = cipher(key) }
      for decoded in [
        decodeAll(frames(P1Framer(), first + second), P1PortDecoder(cipher(key))),
        decodeAll(frames(DLMSFramer(), first + second), DLMSDecoder(settings)),
      ] {
        #expect(decoded.errors == [])
        #expect(decoded.telegrams.map { $0.readings[0].fieldLines } == [[power], [power]])
        #expect(decoded.telegrams.map(\.wire) == [first, second])
        #expect(decoded.telegrams.map(\.seal?.counter) == [1, 2])
        // The checksum of the text is mandatory. A tag says more, if its key is known.
        let protection: Telegram.Protection = security == 0x30 && key != nil ? .authenticated : .checkValue
        #expect(decoded.telegrams.map(\.protection) == [protection, protection])
      }
    }
  }

  @Test(
    "behind an identification the cipher holds a whole telegram or its lines", arguments: [[], [0xDB]] as [[UInt8]])
  func behindIdentification(mark: [UInt8]) throws {
    for (text, hasChecksum) in [(p1, false), (p1, true), (bare, true), (bare + Array("!\r\n".utf8), true)] {
      func telegram(_ counter: UInt32) -> [UInt8] {
        DLMSBuilder.behindIdentification(text, counter: counter, mark: mark, hasChecksum: hasChecksum)
      }
      let stream = telegram(1) + telegram(2) + telegram(0x0A0A_0A0A)
      verifyShapes(P1Framer(), stream, expected: [telegram(1), telegram(2), telegram(0x0A0A_0A0A)])
      for key in [nil, DLMSBuilder.authenticationKey] {
        #expect(outcome(stream, port(authenticationKey: key)) == [power, power, power])
      }
      let decoded = decodeAll(frames(P1Framer(), telegram(7)), port(authenticationKey: DLMSBuilder.authenticationKey))
      let first = try #require(decoded.telegrams.first)
      #expect(first.seal == TelegramSeal(sender: 0, counter: 7, isVerified: true, frame: telegram(7)))
      #expect(first.readings[0].time?.description == "2022-11-20T19:03:40+01:00")
      #expect(first.readings[0].modelName == (text == p1 ? "SAG-METER" : "SAMPLE"))
    }
  }

  @Test("a configured title counts in place of the eight zeros") func title() {
    let title: [UInt8] = [0x45, 0x47, 0x4D, 0, 0, 0, 0, 1]
    let sealed = DLMSBuilder.seal(p1, counter: 1, security: 0x30, title: title, sendsTitle: false)
    let telegram = Array("/EGM5SAMPLE\r\n\r\n".utf8) + sealed.dropFirst()
    let configured = P1PortDecoder(cipher(), systemTitle: SystemTitle(0x4547_4D00_0000_0001))
    #expect(outcome(telegram, configured) == [power])
    #expect(outcome(telegram, port()) == ["wrong_key"])
  }

  @Test("bytes that were lost or damaged cost one telegram") func damage() {
    let checked = (1...3).map { DLMSBuilder.behindIdentification(bare, counter: $0) }
    let unchecked = (1...3).map { DLMSBuilder.behindIdentification(p1, counter: $0, hasChecksum: false) }
    var flipped = checked
    flipped[1][60] ^= 1
    #expect(outcome(flipped.flatMap(\.self), port()) == [power, power, "checksum_mismatch"])
    for (telegrams, place) in [(checked, 40), (unchecked, 40), (checked, 13), (unchecked, 13)] {
      let cut = Array(telegrams[1].prefix(place) + telegrams[1].dropFirst(place + 5))
      let stream = telegrams[0] + cut + telegrams[2]
      for piece in [Int.max, 1] {
        let out = frames(P1Framer(), stream, piece: piece)
        #expect(goodFrames(out) == [telegrams[0], telegrams[2]])
        #expect(out.flatMap(\.bytes) == stream)
      }
    }
    for count in 12..<checked[0].count {
      let out = frames(P1Framer(), Array(checked[0].prefix(count)))
      #expect(out.flatMap(\.bytes) == Array(checked[0].prefix(count)))
      #expect(!outcome(Array(checked[0].prefix(count)), port()).isEmpty)
    }
  }

  @Test("noise does not hide an enciphered telegram") func noise() {
    let telegram = DLMSBuilder.seal(p1, counter: 1)
    let noise: [UInt8] = [0xDB, 0x01, 0x0A, 0x7E, 0xA0, 0x07, 0xDB, 0x08, 0x0A]
    for piece in [Int.max, 1] {
      let out = frames(P1Framer(), noise + telegram + noise + telegram, piece: piece)
      #expect(goodFrames(out) == [telegram, telegram])
      #expect(out.flatMap(\.bytes) == noise + telegram + noise + telegram)
    }
  }

  /// What comes of parts with silence between them.
  private func pieces(_ parts: [[UInt8]], silence: (inout P1Framer) -> Void) -> [[Framed]] {
    var framer = P1Framer()
    return parts.map { part in
      framer.append(part.span)
      var out: [Framed] = []
      while let framed = framer.next() { out.append(framed) }
      silence(&framer)
      while let framed = framer.next() { out.append(framed) }
      return out
    }
  }

  @Test("silence ends a telegram that may be whole, and a part waits for its rest") func silence() {
    let unchecked = DLMSBuilder.behindIdentification(p1, counter: 1, hasChecksum: false)
    #expect(pieces([unchecked]) { $0.pause() } == [[.frame(unchecked)]])
    for count in [3, 20, 60] {
      let parts = [Array(unchecked.prefix(count)), Array(unchecked.dropFirst(count))]
      #expect(pieces(parts) { $0.quiet() } == [[], [.frame(unchecked)]], "\(count) bytes first")
    }
    // A meter that sends a checksum behind its cipher is known after its first telegram.
    let checked = DLMSBuilder.behindIdentification(bare, counter: 1)
    let parts = [checked, Array(checked.dropLast(7)), Array(checked.suffix(7)), Array(checked.dropLast(2))]
    #expect(pieces(parts) { $0.quiet() } == [[.frame(checked)], [], [.frame(checked)], [.frame(checked.dropLast(2))]])
  }

  @Test("after half a telegram without identification the next one is found", arguments: [Int.max, 1])
  func halves(piece: Int) {
    let telegrams = (1...3).map { DLMSBuilder.seal(p1, counter: $0) }
    let stream = telegrams[0].prefix(50) + telegrams[1] + telegrams[2]
    let out = frames(P1Framer(), Array(stream), piece: piece)
    #expect(goodFrames(out) == [telegrams[1], telegrams[2]])
    #expect(out.flatMap(\.bytes) == Array(stream))
  }

  @Test("a tag, a checksum behind the cipher or one in the text must hold") func checksum() {
    func codes(_ text: [UInt8]) -> [String] { outcome(DLMSBuilder.seal(text, counter: 1), port()) }
    var broken = p1
    broken[60] ^= 1
    #expect(codes(p1) == [power])
    #expect(codes(broken) == ["checksum_mismatch"])
    #expect(codes(p1.dropLast(6) + [0x0D, 0x0A]) == ["checksum_missing"])
    #expect(codes(DLMSBuilder.kaifa()) == ["unsupported"])
    let alone = DLMSBuilder.behindIdentification(bare, counter: 1, hasChecksum: false)
    #expect(outcome(alone, port()) == ["checksum_missing"])
    #expect(outcome(alone, port(authenticationKey: DLMSBuilder.authenticationKey)) == [power])
  }

  @Test("without the key the port says so") func keys() {
    for telegram in [DLMSBuilder.seal(p1, counter: 1), DLMSBuilder.behindIdentification(bare, counter: 1)] {
      #expect(outcome(telegram, P1PortDecoder(nil)) == ["no_key"])
      #expect(outcome(telegram, port(key: [UInt8](1...16))) == ["wrong_key"])
    }
    // Lines that are not text come of a wrong key, unless a tag has verified them.
    let garbled = DLMSBuilder.behindIdentification(bare + [0x80], counter: 1)
    #expect(outcome(garbled, port()) == ["wrong_key"])
    let verified = port(authenticationKey: DLMSBuilder.authenticationKey)
    #expect(outcome(garbled, verified) == ["bad_line"])
    #expect(outcome(DLMSBuilder.behindIdentification([1, 2, 3], counter: 1), verified) == ["unsupported"])
    #expect(outcome(DLMSBuilder.behindIdentification([], counter: 1), verified) != ["wrong_key"])
  }
}

// MARK: - What the configuration names

extension P1PortDecoderTests {
  @Test("with a key a telegram in plain is not believed, unless the meter mixes") func plain() {
    #expect(outcome(p1, P1PortDecoder(nil)) == [power])
    #expect(outcome(p1, port()) == ["not_encrypted"])
    #expect(outcome(p1, port(authenticationKey: DLMSBuilder.authenticationKey)) == ["not_encrypted"])
    #expect(outcome(p1, port(allowsPlain: true)) == [power])
    // A text in plain within an envelope, with a tag of zeros that nobody can check.
    let forged = DLMSBuilder.seal(p1, counter: .max, security: 0x10).dropLast(12) + [UInt8](repeating: 0, count: 12)
    #expect(outcome(Array(forged), port()) == ["not_encrypted"])
    let mixed = decodeAll(frames(P1Framer(), Array(forged)), port(allowsPlain: true))
    #expect(mixed.telegrams.map(\.seal) == [nil], "it moves no counter")
  }

  @Test("with an authentication key a tag must fit") func tags() {
    let verified = port(authenticationKey: DLMSBuilder.authenticationKey, allowsPlain: true)
    #expect(outcome(DLMSBuilder.seal(p1, counter: 1), verified) == ["not_authenticated"])
    #expect(outcome(DLMSBuilder.seal(p1, counter: 1, security: 0x30), verified) == [power])
    for security in [0x10, 0x30] as [UInt8] {
      var forged = DLMSBuilder.seal(p1, counter: 1, security: security)
      forged[forged.count - 1] ^= 1
      #expect(outcome(forged, verified) == ["wrong_auth_key"])
    }
  }
}
