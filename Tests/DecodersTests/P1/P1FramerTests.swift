import Testing

@testable import Decoders

private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

/// What the bytes of a telegram up to its `!` add up to.
private func checksum(_ telegram: [UInt8]) -> Int {
  let covered = Array(telegram.dropLast(6))
  return Int(CRC16.arc(covered.span))
}

private let two = Sample.bytes(.p1, "netherlands-2.2")
private let five = Sample.bytes(.p1, "netherlands-5")

/// The same in one piece, byte by byte and in threes.
private func expectFrames(
  _ input: [UInt8], _ expected: [Framed], sourceLocation: SourceLocation = #_sourceLocation
) {
  for piece in [Int.max, 1, 3] {
    #expect(frames(P1Framer(), input, piece: piece) == expected, "\(piece)", sourceLocation: sourceLocation)
  }
}

@Suite struct P1FramerTests {
  @Test("line ends between telegrams are not noise") func lineEnds() {
    expectFrames(bytes("\r\n\n") + five + bytes("\r\n\r\n") + five + bytes("\n"), [.frame(five), .frame(five)])
  }

  @Test("noise between two telegrams is one rejected piece") func noise() {
    let noise = bytes("\0\0x\r\n1-0:1.8.0(1*kWh)\r\n!ABCD\r\n")
    let rejected = Framed.rejected(noise, DecodeError(.noise, at: 0, found: noise.count))
    expectFrames(noise + five + noise + five + noise, [rejected, .frame(five), rejected, .frame(five), rejected])
  }

  @Test("a stream without any telegram stays bounded") func endlessNoise() {
    let noise = [UInt8](repeating: 0x55, count: 40_000)
    let pieces = [P1Framer.limit, P1Framer.limit, 40_000 - 2 * P1Framer.limit]
    expectFrames(
      noise + five,
      pieces.map { .rejected(Array(noise.prefix($0)), DecodeError(.noise, at: 0, found: $0)) } + [.frame(five)])
  }

  @Test("a telegram without an end stays bounded") func endlessTelegram() {
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

  @Test("a slash with an identification begins a new telegram") func restart() {
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

  @Test("a checksum without a line end is still one") func noLineEnd() {
    let open = Array(five.dropLast(2))
    expectFrames(open + five, [.frame(open), .frame(five)])
    expectFrames(open, [.frame(open)])
  }

  @Test("an identification may have a slash inside, at the beginning of a line") func slashInside() {
    let body = Array(P1Builder.bytes(["1-0:1.7.0(00.1*kW)"]).drop { $0 != UInt8(ascii: "\r") }.dropLast(6))
    let open = bytes("/XYZ5/A45-METER") + body
    let whole = open + bytes(String(CRC16.arc(open.span), radix: 16, uppercase: true)) + bytes("\r\n")
    expectFrames(whole + five + whole, [.frame(whole), .frame(five), .frame(whole)])
    let noise = bytes("x/XYZ5/A45\r\n")
    expectFrames(noise + five, [.rejected(noise, DecodeError(.noise, at: 0, found: noise.count)), .frame(five)])
  }

  @Test("a slash in a text is data") func slash() {
    let sample = P1Builder.bytes(["0-0:96.13.0(/XYZ5 at http://example.com/abcd)", "1-0:1.7.0(00.1*kW)"])
    expectFrames(sample, [.frame(sample)])
  }

  @Test("an exclamation mark in a garbled line is data") func exclamationMark() {
    var garbled = five
    garbled.replaceSubrange(100..<104, with: bytes("!\r\n!"))
    let out = frames(P1Framer(), garbled + five)
    #expect(goodFrames(out) == [five])
    #expect(out.flatMap(\.bytes) == garbled + five)
    let sample = P1Builder.bytes(["0-0:96.13.0(Hi!)", "0-0:96.13.1(a!", "b!AB)", "1-0:1.7.0(00.1*kW)"])
    expectFrames(sample, [.frame(sample)])
  }

  @Test("a garbled checksum ends the telegram all the same") func garbledChecksum() {
    var garbled = five
    garbled[five.count - 4] = 0x58
    let error = DecodeError(.badFrame, at: five.count - 4, expected: 0x0D, found: 0x58)
    expectFrames(garbled + five, [.rejected(garbled, error), .frame(five)])
  }
}

@Suite struct P1ChecksumTests {
  @Test("a checksum has any case, and may lack its leading zeros") func digits() throws {
    let digits = String(decoding: five.suffix(6).prefix(4), as: UTF8.self)
    let lower = five.dropLast(6) + bytes(digits.lowercased() + "\r\n")
    expectFrames(Array(lower), [.frame(Array(lower))])
    // A telegram whose checksum begins with 0, sent without it.
    let sample = try #require(
      (0..<1000).lazy.map { P1Builder.bytes(["1-0:1.8.0(\($0)*kWh)"]) }
        .first { $0[$0.count - 6] == UInt8(ascii: "0") })
    let short = Array(sample.dropLast(6) + sample.suffix(5))
    expectFrames(sample, [.frame(sample)])
    expectFrames(short, [.frame(short)])
  }

  @Test("the checksum holds where a gateway has dropped the carriage returns") func carriageReturns() {
    let unix = Array(five.filter { $0 != 0x0D })
    expectFrames(unix + unix, [.frame(unix), .frame(unix)])
  }

  @Test("a telegram with a wrong checksum is one rejected piece") func wrong() {
    var wrong = five
    wrong[200] ^= 1
    let error = DecodeError(
      .checksumMismatch, at: five.count - 6, expected: checksum(five), found: checksum(wrong))
    expectFrames(five + wrong + five, [.frame(five), .rejected(wrong, error), .frame(five)])
  }

  @Test("versions from 4 on must have a checksum") func versions() {
    for version in ["1-3:0.2.8(40)", "1-3:0.2.8(50)", "0-0:96.1.4(50217)"] {
      let bare = P1Builder.bytes([version, "1-0:1.7.0(00.1*kW)"], checksum: false)
      expectFrames(bare + five, [.rejected(bare, DecodeError(.checksumMissing, at: bare.count - 2)), .frame(five)])
    }
    for version in ["1-3:0.2.8(22)", "1-3:0.2.8(30)", "1-0:0.2.8(50)"] {
      let bare = P1Builder.bytes([version, "1-0:1.7.0(00.1*kW)"], checksum: false)
      expectFrames(bare, [.frame(bare)])
    }
  }

  @Test("a meter that has sent a checksum must go on sending it") func once() {
    let lines = ["1-0:1.7.0(00.1*kW)"]
    let checked = P1Builder.bytes(lines)
    let bare = P1Builder.bytes(lines, checksum: false)
    let missing = Framed.rejected(bare, DecodeError(.checksumMissing, at: bare.count - 2))
    expectFrames(bare + checked + bare, [.frame(bare), .frame(checked), missing])
    // Another meter on the line need not.
    expectFrames(checked + two + bare, [.frame(checked), .frame(two), missing])
  }
}
