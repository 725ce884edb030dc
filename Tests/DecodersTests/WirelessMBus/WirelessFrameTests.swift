import Testing

@testable import Decoders

private let water = WirelessBuilder.stripped(
  [0x7A, 0x01, 0x00, 0x00, 0x00, 0x0C, 0x13, 0x45, 0x23, 0x01, 0x00, 0x42, 0x6C, 0x1F, 0x3C])

private func lines(_ frame: [UInt8]) -> [String] {
  decodeAll(frames(WirelessMBusFramer(), frame), WirelessMBusDecoder()).telegrams.flatMap(\.lines)
}

private func codes(_ frame: [UInt8]) -> [DecodeError.Code] {
  decodeAll(frames(WirelessMBusFramer(), frame), WirelessMBusDecoder()).errors.map(\.code)
}

@Suite struct WirelessFrameTests {
  @Test("the check value is that of the standard")
  func checkValue() {
    let digits = Array("123456789".utf8)
    #expect(CRC16.en13757(digits.span, 0..<9) == 0xC2B7)
    let half = CRC16.en13757(digits.span, 0..<4)
    #expect(CRC16.en13757(digits.span, 4..<9, after: half) == 0xC2B7)
  }

  @Test("a telegram is the same in format A, in format B and without check values")
  func formats() {
    let long = WirelessBuilder.stripped(
      [0x7A, 1, 0, 0, 0] + (0..<22).flatMap { [0x84, UInt8($0), 0x13, 0x01, 0x00, 0x00, 0x00] })
    for stripped in [water, long] {
      let expected = lines(stripped)
      #expect(expected.count > 3)
      #expect(lines(WirelessBuilder.formatA(stripped)) == expected)
      #expect(lines(WirelessBuilder.formatB(stripped)) == expected)
      // A receiver puts the signal strength behind it.
      for rubbish in [[0xA5], [0x9C, 0x5A, 0x01, 0x02, 0x03]] as [[UInt8]] {
        #expect(lines(stripped + rubbish) == expected)
        #expect(lines(WirelessBuilder.formatA(stripped) + rubbish) == expected)
      }
    }
  }

  @Test("the samples are the same telegrams in all three formats", arguments: Sample.all(of: .wmbus))
  func samples(_ sample: Sample) throws {
    let expected = sample.decoded(sample.bytes).telegrams.flatMap(\.lines)
    #expect(!expected.isEmpty)
    let stripped = try WirelessFrame(sample.bytes.span).stripped(sample.bytes.span)
    for frame in [stripped, WirelessBuilder.formatA(stripped), WirelessBuilder.formatB(stripped)] {
      #expect(sample.decoded(frame).telegrams.flatMap(\.lines) == expected)
    }
  }

  @Test("a frame with a damaged beginning is the same in pieces: what follows tells its format", arguments: [1, 5, 16])
  func damagedBeginning(size: Int) {
    for body in [8, 20, 36] {
      let plain = WirelessBuilder.stripped([0x7A, 1, 0, 0, 0] + [UInt8](repeating: 0x2F, count: body))
      var frame = WirelessBuilder.formatA(plain)
      frame[4] ^= 0x04
      let all = frames(WirelessMBusFramer(), frame, piece: size)
      #expect(!all.contains { if case .frame = $0 { true } else { false } }, "\(body) bytes")
    }
  }

  @Test("a frame without check values may have by chance what a block of format A would have")
  func blockByChance() {
    let maker = [UInt8](repeating: 0, count: 12)
    var frame = WirelessBuilder.stripped([0x7A, 1, 0, 0, 0, 0x0C, 0x13, 0x45, 0x23, 0x01, 0x00, 0x0F] + maker)
    let expected = lines(frame)
    #expect(expected.contains("volume: 12.345 m³"))
    let value = CRC16.en13757(frame.span, 12..<28)
    (frame[28], frame[29]) = (UInt8(value >> 8), UInt8(value & 255))
    // A receiver may put something behind it.
    for rubbish in [[], [0xA5]] as [[UInt8]] {
      #expect(lines(frame + rubbish) == expected && codes(frame + rubbish).isEmpty, "\(rubbish)")
    }
  }

  @Test("a frame without check values may have a number there that is a CI field in format A", arguments: 0...255)
  func blockByChanceBehind(_ access: UInt8) {
    let maker = [UInt8](repeating: 0, count: 12)
    let records: [UInt8] = [0x0C, 0x13, 0x45, 0x23, 0x01, 0x00, 0x0F]
    var frame = WirelessBuilder.stripped([0x8C, 0x20, access, 0x7A, 1, 0, 0, 0] + records + maker)
    let value = CRC16.en13757(frame.span, 12..<28)
    (frame[28], frame[29]) = (UInt8(value >> 8), UInt8(value & 255))
    #expect(lines(frame).contains("volume: 12.345 m³") && codes(frame).isEmpty)
  }

  @Test("a frame without check values may have its own CI field and access number as the first check value of format A")
  func headByChance() {
    var frame = water
    // A number with a check value that begins with the CI field.
    while CRC16.en13757(frame.span, 0..<10) >> 8 != 0x7A { frame[4] += 1 }
    frame[11] = UInt8(CRC16.en13757(frame.span, 0..<10) & 255)
    #expect(lines(frame).contains("volume: 12.345 m³") && codes(frame).isEmpty)
    // It is still noticed where format A is cut, or has lost its first block.
    #expect(codes(Array(WirelessBuilder.formatA(frame).dropLast())) == [.truncated])
    var damaged = WirelessBuilder.formatA(frame)
    damaged[6] ^= 1
    #expect(codes(damaged).first == .checksumMismatch)
  }

  @Test("damage in format A is a wrong check value, wherever it is")
  func damage() {
    let frame = WirelessBuilder.formatA(water)
    #expect(codes(frame).isEmpty)
    for index in frame.indices {
      var flipped = frame
      flipped[index] ^= 0x04
      #expect(lines(flipped).isEmpty && !codes(flipped).isEmpty, "byte \(index)")
    }
    #expect(codes(Array(frame.dropLast(3))) == [.truncated])
  }

  @Test("one flipped bit in format B is noticed where it leaves a rest behind the records")
  func damageInFormatB() {
    var frame = WirelessBuilder.formatB(water)
    frame[18] ^= 0x10
    #expect(codes(frame) == [.checksumMismatch])
  }

  @Test("damage in either part of a long frame in format B is noticed, whatever its records leave")
  func damageInLongFormatB() {
    let maker = [UInt8](repeating: 7, count: 140)
    let plain = WirelessBuilder.stripped([0x7A, 1, 0, 0, 0, 0x0C, 0x13, 0x45, 0x23, 0x01, 0x00, 0x0F] + maker)
    let frame = WirelessBuilder.formatB(plain)
    #expect(lines(frame) == lines(plain) && !lines(frame).isEmpty)
    for index in [17, 100, 126, 130, frame.count - 1] {
      var flipped = frame
      flipped[index] ^= 0x04
      #expect(lines(flipped).isEmpty && codes(flipped) == [.checksumMismatch], "byte \(index)")
    }
  }

  @Test("fewer bytes than the length says, a request, and noise are errors")
  func others() {
    #expect(codes(Array(water.dropLast())) == [.truncated])
    var request = water
    for control in [0x53, 0x40, 0x5B, 0x7A, 0x00, 0x21, 0x06] as [UInt8] {
      request[1] = control
      for frame in [request, WirelessBuilder.formatA(request), WirelessBuilder.formatB(request)] {
        #expect(codes(frame) == [.notAnAnswer], "\(control)")
        // What stands behind it is not lost.
        #expect(lines(frame + WirelessBuilder.formatA(water)) == lines(water), "\(control)")
      }
    }
    request[1] = 0x99
    #expect(codes(request) == [.noise])
    #expect(codes([0x05, 0x4E, 0x97, 0xE0, 0x29]) == [.noise])
  }

  @Test("an extended link layer of variable length is named, not guessed")
  func variableLayer() {
    let frame = WirelessBuilder.stripped([0x86, 0x03, 0x00, 0x01, 0x02, 0x7A, 1, 0, 0, 0, 0x0C, 0x13, 0, 0, 0, 0])
    for frame in [frame, WirelessBuilder.formatA(frame), WirelessBuilder.formatB(frame)] {
      #expect(codes(frame) == [.unsupported])
    }
  }

  @Test("behind rejected bytes only a check value begins a frame")
  func behindNoise() {
    let formatA = WirelessBuilder.formatA(water)
    #expect(lines([0x00, 0xFF] + formatA) == lines(formatA))
    #expect(lines([0x00, 0xFF] + water).isEmpty)
  }

  @Test("bytes are recognised by a check value, less surely by a head alone")
  func recognition() {
    #expect(WirelessMBusFramer.recognise(WirelessBuilder.formatA(water).span) == .telegram(at: 0))
    #expect(WirelessMBusFramer.recognise(water.span) == .beginning)
    #expect(WirelessMBusFramer.recognise(Sample.bytes(.mbus, "water").span) == nil)
  }
}
