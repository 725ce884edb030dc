import Testing

@testable import Decoders

private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

/// What the bytes of a telegram up to its `!` add up to.
private func checksum(_ telegram: [UInt8]) -> Int {
  let covered = Array(telegram.dropLast(6))
  return Int(CRC16.arc(covered.span))
}

private let two = P1Sample.dutch2.bytes
private let five = P1Sample.dutch5.bytes

/// The same in one piece, byte by byte and in threes.
private func expectFrames(
  _ input: [UInt8], _ expected: [Framed], sourceLocation: SourceLocation = #_sourceLocation
) {
  for piece in [Int.max, 1, 3] {
    #expect(frames(P1Framer(), input, piece: piece) == expected, "\(piece)", sourceLocation: sourceLocation)
  }
}

@Suite struct P1FramerTests {
  @Test(arguments: P1Sample.all)
  func aloneAndGlued(_ sample: P1Sample) {
    verifyShapes(P1Framer(), sample.bytes, expected: [sample.bytes])
    verifyShapes(P1Framer(), five + sample.bytes + sample.bytes, expected: [five, sample.bytes, sample.bytes])
  }

  @Test func lineEndsBetweenTelegramsAreNoNoise() {
    expectFrames(bytes("\r\n\n") + five + bytes("\r\n\r\n") + five + bytes("\n"), [.frame(five), .frame(five)])
  }

  @Test func noiseIsOnePieceAGap() {
    let noise = bytes("\0\0x\r\n1-0:1.8.0(1*kWh)\r\n!ABCD\r\n")
    let rejected = Framed.rejected(noise, DecodeError(.noise, at: 0, found: noise.count))
    expectFrames(noise + five + noise + five + noise, [rejected, .frame(five), rejected, .frame(five), rejected])
  }

  @Test func aStreamWithoutAnyTelegramStaysBounded() {
    let noise = [UInt8](repeating: 0x55, count: 40_000)
    let pieces = [P1Framer.limit, P1Framer.limit, 40_000 - 2 * P1Framer.limit]
    expectFrames(
      noise + five,
      pieces.map { .rejected(Array(noise.prefix($0)), DecodeError(.noise, at: 0, found: $0)) } + [.frame(five)])
  }

  @Test func aTelegramWithoutEndStaysBounded() {
    let endless = bytes("/XYZ5TEST\r\n") + [UInt8](repeating: 0x31, count: P1Framer.limit)
    let tooLong = DecodeError(.tooLong, at: P1Framer.limit, expected: P1Framer.limit)
    expectFrames(
      endless + five,
      [
        .rejected(Array(endless.prefix(P1Framer.limit)), tooLong),
        .rejected(Array(endless.suffix(11)), DecodeError(.noise, at: 0, found: 11)), .frame(five),
      ])
    let lines = bytes("/XYZ5TEST\r\n") + Array(repeatElement(bytes("1-0:1.8.0(1*kWh)\r\n"), count: 1000).joined())
    #expect(frames(P1Framer(), lines, piece: 100).first == .rejected(Array(lines.prefix(P1Framer.limit)), tooLong))
  }

  @Test func aSlashWithAnIdentificationRestarts() {
    // Unplugged in the middle of a line, of a group, of the checksum, and of the header: then nothing had begun.
    for cut in [five.count - 60, 300, 26] {
      let broken = Array(five.prefix(cut))
      expectFrames(broken + five, [.rejected(broken, DecodeError(.truncated, at: cut)), .frame(five)])
    }
    let header = Array(five.prefix(12))
    expectFrames(header + five, [.rejected(header, DecodeError(.noise, at: 0, found: 12)), .frame(five)])
    let cut = Array(five.dropLast(4))
    let found = checksum(five)
    let error = DecodeError(.checksumMismatch, at: five.count - 6, expected: found >> 8, found: found)
    expectFrames(cut + five, [.rejected(cut, error), .frame(five)])
  }

  @Test func aChecksumWithoutLineEndIsStillOne() {
    let open = Array(five.dropLast(2))
    expectFrames(open + five, [.frame(open), .frame(five)])
    expectFrames(open, [.frame(open)])
  }

  @Test func aSlashInATextIsData() {
    let sample = P1Sample("", "XYZ5TEST", ["0-0:96.13.0(/XYZ5 at http://example.com/abcd)", "1-0:1.7.0(00.1*kW)"])
    expectFrames(sample.bytes, [.frame(sample.bytes)])
  }

  @Test func aBangInAGarbledLineIsData() {
    var garbled = five
    garbled.replaceSubrange(100..<104, with: bytes("!\r\n!"))
    let out = frames(P1Framer(), garbled + five)
    #expect(goodFrames(out) == [five])
    #expect(out.flatMap(\.bytes) == garbled + five)
    let sample = P1Sample("", "XYZ5TEST", ["0-0:96.13.0(Hi!)", "0-0:96.13.1(a!", "b!AB)", "1-0:1.7.0(00.1*kW)"])
    expectFrames(sample.bytes, [.frame(sample.bytes)])
  }

  @Test func aGarbledChecksumEndsTheTelegramAllTheSame() {
    var garbled = five
    garbled[five.count - 4] = 0x58
    let error = DecodeError(.badFrame, at: five.count - 4, expected: 0x0D, found: 0x58)
    expectFrames(garbled + five, [.rejected(garbled, error), .frame(five)])
  }
}

@Suite struct P1ChecksumTests {
  @Test func checksOfAnyCaseAndWithoutLeadingZeros() throws {
    let digits = String(decoding: five.suffix(6).prefix(4), as: UTF8.self)
    let lower = five.dropLast(6) + bytes(digits.lowercased() + "\r\n")
    expectFrames(Array(lower), [.frame(Array(lower))])
    // A telegram whose checksum begins with 0, sent without it.
    let sample = try #require(
      (0..<1000).lazy.map { P1Sample("", "XYZ5TEST", ["1-0:1.8.0(\($0)*kWh)"]) }
        .first { $0.bytes[$0.bytes.count - 6] == 0x30 })
    let short = Array(sample.bytes.dropLast(6) + sample.bytes.suffix(5))
    expectFrames(sample.bytes, [.frame(sample.bytes)])
    expectFrames(short, [.frame(short)])
  }

  @Test func checksAsTheMeterSentItWhereAGatewayDroppedTheReturns() {
    let unix = Array(five.filter { $0 != 0x0D })
    expectFrames(unix + unix, [.frame(unix), .frame(unix)])
  }

  @Test func aWrongChecksumIsOnePieceWithAllItsBytes() {
    var wrong = five
    wrong[200] ^= 1
    let error = DecodeError(
      .checksumMismatch, at: five.count - 6, expected: checksum(five), found: checksum(wrong))
    expectFrames(five + wrong + five, [.frame(five), .rejected(wrong, error), .frame(five)])
  }

  @Test func versionsFrom4OnMustHaveOne() {
    for version in ["1-3:0.2.8(40)", "1-3:0.2.8(50)", "0-0:96.1.4(50217)"] {
      let bare = P1Sample("", "XYZ5TEST", [version, "1-0:1.7.0(00.1*kW)"], checksum: false).bytes
      expectFrames(bare + five, [.rejected(bare, DecodeError(.checksumMissing, at: bare.count - 2)), .frame(five)])
    }
    for version in ["1-3:0.2.8(22)", "1-3:0.2.8(30)", "1-0:0.2.8(50)"] {
      let bare = P1Sample("", "XYZ5TEST", [version, "1-0:1.7.0(00.1*kW)"], checksum: false).bytes
      expectFrames(bare, [.frame(bare)])
    }
  }

  @Test func aMeterThatSentOneMustSendOneForEver() {
    let lines = ["1-0:1.7.0(00.1*kW)"]
    let checked = P1Sample("", "XYZ5TEST", lines).bytes
    let bare = P1Sample("", "XYZ5TEST", lines, checksum: false).bytes
    let missing = Framed.rejected(bare, DecodeError(.checksumMissing, at: bare.count - 2))
    expectFrames(bare + checked + bare, [.frame(bare), .frame(checked), missing])
    // Another meter on the line need not.
    expectFrames(checked + two + bare, [.frame(checked), .frame(two), missing])
  }

  @Test(arguments: P1Sample.all)
  func cutAtEveryLength(_ sample: P1Sample) throws {
    let whole = try P1Sample.telegrams(sample.bytes)[0]
    for length in 1..<sample.bytes.count {
      let out = frames(P1Framer(), Array(sample.bytes.prefix(length)))
      #expect(out.flatMap(\.bytes) == Array(sample.bytes.prefix(length)))
      for frame in goodFrames(out) {
        // Only the line end, or the bare `!` of a meter without checksums, may be all that is missing.
        let telegram = try P1Sample.telegrams(frame)[0]
        #expect(telegram.readings == whole.readings)
        #expect(length >= sample.bytes.count - 6)
      }
    }
  }

  @Test(arguments: P1Sample.all)
  func everyByteFlipped(_ sample: P1Sample) throws {
    let whole = try P1Sample.telegrams(sample.bytes)[0]
    for index in sample.bytes.indices {
      for mask: UInt8 in [0x01, 0x10, 0x20, 0x80, 0xFF] {
        var flipped = sample.bytes
        flipped[index] ^= mask
        let telegrams = try P1Sample.telegrams(flipped)
        guard sample.hasChecksum else { continue }
        #expect(telegrams.allSatisfy { $0.readings == whole.readings }, "byte \(index) ^ \(mask)")
        #expect(goodFrames(frames(P1Framer(), flipped + five)).last == five, "byte \(index) ^ \(mask)")
      }
    }
  }
}
