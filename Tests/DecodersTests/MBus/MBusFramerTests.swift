import Testing

@testable import Decoders

private let short: [UInt8] = [0x10, 0x5B, 0x01, 0x5C, 0x16]
private let long = MBusFrame.long(control: 0x08, address: 5, information: 0x70, data: [0x08]).bytes

@Suite struct MBusFramerTests {
  @Test("frames of every kind are found, glued and in pieces") func glued() {
    verifyShapes(MBusFramer(), [0xE5] + long + short + [0xE5] + long, expected: [[0xE5], long, short, [0xE5], long])
  }

  @Test("noise between two frames is one rejected piece") func noise() {
    let noise: [UInt8] = [0x00, 0xE5, 0x16, 0x10, 0x33]
    for piece in [Int.max, 1, 3] {
      #expect(
        frames(MBusFramer(), noise + long + noise, piece: piece) == [
          .rejected(noise, DecodeError(.noise, at: 0, found: 5)), .frame(long),
          .rejected(noise, DecodeError(.noise, at: 0, found: 5)),
        ])
    }
  }

  @Test("a broken telegram is one rejected piece with all its bytes") func broken() {
    var broken = long
    broken[7] = 0x09
    let error = DecodeError(.checksumMismatch, at: 8, expected: 0x85, found: 0x86)
    for piece in [Int.max, 1, 3] {
      #expect(
        frames(MBusFramer(), [0x55] + broken + broken + long, piece: piece) == [
          .rejected([0x55], DecodeError(.noise, at: 0, found: 1)), .rejected(broken, error),
          .rejected(broken, error), .frame(long),
        ])
    }
  }

  @Test("a good frame inside a broken one is found") func nested() {
    let outer: [UInt8] = [0x68, 0x20, 0x20, 0x68, 0x08, 0x01, 0x72]
    verifyShapes(MBusFramer(), outer + long, expected: [long])
    var lost = long + long
    lost.remove(at: 6)
    verifyShapes(MBusFramer(), lost, expected: [long])
    #expect(frames(MBusFramer(), lost).count == 2)
  }

  @Test("a frame that is cut is one rejected piece") func cut() {
    for count in 1..<long.count {
      let cut = Array(long.prefix(count))
      #expect(
        frames(MBusFramer(), cut, piece: 1).map(\.bytes) == [cut], "cut at \(count)")
      #expect(goodFrames(frames(MBusFramer(), cut)).isEmpty)
    }
  }

  @Test("a frame with a flipped bit is rejected") func flipped() {
    for index in long.indices {
      for bit in 0..<8 {
        var flipped = long
        flipped[index] ^= 1 << bit
        verifyShapes(MBusFramer(), flipped, expected: flipped[0] == 0xE5 ? [[0xE5]] : [])
      }
    }
  }

  @Test("endless noise comes out in pieces of a limited size") func bounded() {
    let noise = [UInt8](repeating: 0x68, count: 3 * FrameScanner<MBusLink>.pieceLimit) + [0xE5]
    for piece in [Int.max, 1000] {
      let out = frames(MBusFramer(), noise, piece: piece)
      #expect(out.flatMap(\.bytes) == noise)
      #expect(goodFrames(out).isEmpty)
      #expect(out.allSatisfy { $0.bytes.count <= FrameScanner<MBusLink>.pieceLimit })
    }
  }

  @Test("after silence a frame begins anywhere") func silence() {
    var framer = MBusFramer()
    framer.append([UInt8]([0x00, 0x01]).span)
    framer.finish()
    #expect(framer.next() == .rejected([0x00, 0x01], DecodeError(.noise, at: 0, found: 2)))
    #expect(framer.next() == nil)
    framer.append([UInt8]([0xE5]).span)
    #expect(framer.next() == .frame([0xE5]))
  }
}
