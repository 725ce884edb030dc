import Testing

@testable import Decoders

private let five = Sample.bytes(.p1, "netherlands-5")
private let two = Sample.bytes(.p1, "netherlands-2.2")
/// A meter that sends a checksum, but does not tell a version.
private let versionless = P1Builder.bytes(["1-0:1.7.0(00.1*kW)", "1-0:2.7.0(00.0*kW)"])
private let versionlessBare = P1Builder.bytes(["1-0:1.7.0(00.1*kW)", "1-0:2.7.0(00.0*kW)"], checksum: false)

@Suite struct P1FramerSilenceTests {
  @Test("a telegram with a checksum waits over silence at any place", arguments: [five, versionless])
  private func waits(_ telegram: [UInt8]) {
    // Behind `!` alone a telegram of an unknown meter may be over.
    let bang = telegram.count - 7
    for known in [false, true] {
      for cut in 1..<telegram.count - 2 where known || cut != bang + 1 || telegram == five {
        var line = FramedLine(P1Framer())
        if known { line.append(telegram) }
        line.append(Array(telegram[..<cut]))
        line.pause()
        line.quiet()
        #expect(line.framer.isWaiting, "\(cut)")
        line.append(Array(telegram[cut...]))
        #expect(line.out == Array(repeating: .frame(telegram), count: known ? 2 : 1), "\(cut)")
      }
    }
  }

  @Test("silence behind bytes that may be a cipher loses and doubles none") func silenceBehindHalfCipher() {
    // The beginning of a title, and lines of which the last may begin a telegram.
    let bytes: [UInt8] = [0xDB, 0x08, 0x0A] + Array("/xUnA\n/".utf8)
    for end in [[], [0x0A], Array("\n1\n".utf8)] as [[UInt8]] {
      var line = FramedLine(P1Framer())
      line.append(bytes + end)
      line.quiet()
      line.finish()
      #expect(line.out.flatMap(\.bytes).filter { $0 != 0x0A } == (bytes + end).filter { $0 != 0x0A })
    }
  }

  @Test("without a checksum at its end a telegram with silence in it is truncated") func bareEnd() {
    for cut in [12, 30, two.count - 3] {
      var line = FramedLine(P1Framer())
      line.append(Array(two[..<cut]))
      line.quiet()
      #expect(line.framer.isWaiting)
      line.append(Array(two[cut...]))
      #expect(line.out == [.rejected(two, DecodeError(.truncated, at: cut))])
      line.append(two)
      #expect(line.out.last == .frame(two))
    }
  }

  @Test("silence ends a telegram of a meter that has no checksum") func uncheckedMeter() {
    var line = FramedLine(P1Framer())
    line.append(two)
    line.append(Array(two[..<40]))
    line.quiet()
    #expect(!line.framer.isWaiting)
    #expect(line.out == [.frame(two), .rejected(Array(two[..<40]), DecodeError(.truncated, at: 40))])
    // A pause, as gateways make them, does not.
    line.append(Array(two[..<40]))
    line.pause()
    line.append(Array(two[40...]))
    #expect(line.out.last == .frame(two))
  }

  @Test("the next telegram ends one that waits") func nextStart() {
    var line = FramedLine(P1Framer())
    line.append(Array(five[..<100]))
    line.quiet()
    line.append(five)
    #expect(line.out == [.rejected(Array(five[..<100]), DecodeError(.truncated, at: 100)), .frame(five)])
    // The silence was in the telegram before.
    line.append(Array(two[..<100]))
    line.quiet()
    line.append(two)
    #expect(line.out.suffix(2) == [.rejected(Array(two[..<100]), DecodeError(.truncated, at: 100)), .frame(two)])
  }

  @Test("the end of the wait rejects what has come") func end() {
    var line = FramedLine(P1Framer())
    line.append(Array(five[..<100]))
    line.quiet()
    line.finish()
    #expect(line.out == [.rejected(Array(five[..<100]), DecodeError(.truncated, at: 100))])
    line.append(five)
    #expect(line.out.last == .frame(five))
  }

  @Test("noise does not wait, and a beginning behind it does") func noise() {
    let noise = Array("1-0:1.8.0(1*kWh)\r\nabc".utf8)
    var line = FramedLine(P1Framer())
    line.append(noise)
    line.quiet()
    #expect(line.out == [.rejected(noise, DecodeError(.noise, at: 0, found: noise.count))])
    #expect(!line.framer.isWaiting)
    line.append(noise + five[..<6])
    line.quiet()
    #expect(line.out.count == 2)
    line.append(Array(five[6...]))
    #expect(line.out.last == .frame(five))
    #expect(line.out.flatMap(\.bytes) == noise + noise + five)
  }

  @Test("a telegram without its last line end is whole after a pause") func noLineEnd() {
    var line = FramedLine(P1Framer())
    line.append(Array(five.dropLast(2)))
    line.pause()
    #expect(line.out == [.frame(Array(five.dropLast(2)))])
    line.append(Array(two.dropLast(2)))
    line.quiet()
    #expect(line.out.last == .frame(Array(two.dropLast(2))))
  }

  @Test("a telegram that waits stays bounded") func bounded() {
    var line = FramedLine(P1Framer())
    line.append(Array(five[..<100]))
    for _ in 0..<500 {
      line.quiet()
      line.append([UInt8](repeating: UInt8(ascii: "1"), count: 100))
    }
    #expect(line.out.allSatisfy { $0.bytes.count <= P1Framer.limit })
    #expect(line.out.reduce(0) { $0 + $1.bytes.count } > 50_000 - P1Framer.limit)
  }

  @Test("a cipher behind an identification waits over silence, and is whole at its length") func cipher() {
    let telegram = Sample.bytes(.p1, "poland-enciphered")
    let lines = Sample.bytes(.p1, "poland-enciphered-lines")
    for telegram in [telegram, lines] {
      for cut in [3, 20, 60, telegram.count - 20] {
        var line = FramedLine(P1Framer())
        line.append(Array(telegram[..<cut]))
        line.pause()
        line.quiet()
        #expect(line.framer.isWaiting, "\(cut)")
        line.append(Array(telegram[cut...]))
        line.quiet()
        #expect(line.out == [.frame(telegram)], "\(cut)")
      }
    }
  }

  @Test("where a piece ends does not decide what a cipher without a checksum is", arguments: [1, 2, 3, 26])
  func pieces(size: Int) {
    let telegram = Array("/KFM5TEST\r\n\r\n".utf8) + [0xDB, 0, 10, 0x20, 0, 0, 0, 1] + Array("12345".utf8)
    let damaged = telegram + Array("6)\r\n".utf8)
    var line = FramedLine(P1Framer())
    line.append(telegram)
    line.pause()
    for start in stride(from: 0, to: damaged.count, by: size) {
      line.append(Array(damaged[start..<min(damaged.count, start + size)]))
    }
    #expect(line.out == [.frame(telegram)])
    line.append(telegram)
    line.pause()
    #expect(line.out.count == 3 && line.out[1].bytes == damaged && line.out[2] == .frame(telegram))
  }

  @Test("silence ends half a cipher without an identification") func bareCipher() {
    let telegram = Sample.bytes(.p1, "luxembourg-enciphered")
    var line = FramedLine(P1Framer())
    line.append(Array(telegram[..<100]))
    line.pause()
    line.append(Array(telegram[100...]))
    #expect(line.out == [.frame(telegram)])
    line.append(Array(telegram[..<100]))
    line.quiet()
    #expect(!line.framer.isWaiting && line.out.count == 2)
    line.append(telegram)
    #expect(line.out.last == .frame(telegram))
  }
}
