import Testing

@testable import Decoders

private let short: [UInt8] = [0x10, 0x5B, 0x01, 0x5C, 0x16]
private let long = MBusFrame.long(control: 0x08, address: 5, information: 0x70, data: [0x08]).bytes

@Suite struct MBusFramerTests {
  @Test func writesAndReadsEveryKindOfFrame() throws {
    #expect(MBusFrame.short(control: 0x5B, address: 1).bytes == short)
    #expect(long == [0x68, 0x04, 0x04, 0x68, 0x08, 0x05, 0x70, 0x08, 0x85, 0x16])
    let control = MBusFrame.long(control: 0x53, address: 0xFE, information: 0xBD, data: [])
    for frame in [.acknowledge, .short(control: 0x40, address: 0xFD), control] {
      let read = try MBusFrame(parsing: frame.bytes.span)
      #expect(read == frame)
    }
  }

  @Test func saysWhatIsWrongWithAFrame() {
    func error(_ bytes: [UInt8]) -> DecodeError? {
      do throws(DecodeError) { _ = try MBusFrame(parsing: bytes.span) } catch { return error }
      return nil
    }
    #expect(error([]) == DecodeError(.truncated, at: 0, expected: 1))
    #expect(error([0x68, 0x04, 0x05, 0x68]) == DecodeError(.lengthMismatch, at: 2, expected: 4, found: 5))
    #expect(error([0x68, 0x02, 0x02, 0x68]) == DecodeError(.lengthMismatch, at: 1, expected: 3, found: 2))
    #expect(error([0x68, 0x04, 0x04, 0x69]) == DecodeError(.badFrame, at: 3, expected: 0x68, found: 0x69))
    #expect(error(Array(long.dropLast())) == DecodeError(.truncated, at: 9, expected: 1))
    #expect(
      error([0x10, 0x5B, 0x01, 0x5D, 0x16]) == DecodeError(.checksumMismatch, at: 3, expected: 0x5D, found: 0x5C))
    #expect(error(long + [0x16]) == DecodeError(.lengthMismatch, at: 0, expected: 10, found: 11))
    #expect(error([0xA2]) == DecodeError(.badFrame, at: 0, expected: 0x68, found: 0xA2))
  }

  @Test func everyKindGluedAndInPieces() {
    verifyShapes(MBusFramer(), [0xE5] + long + short + [0xE5] + long, expected: [[0xE5], long, short, [0xE5], long])
  }

  @Test func noiseIsOnePieceAGap() {
    let noise: [UInt8] = [0x00, 0xE5, 0x16, 0x10, 0x33]
    for piece in [Int.max, 1, 3] {
      #expect(
        frames(MBusFramer(), noise + long + noise, piece: piece) == [
          .rejected(noise, DecodeError(.noise, at: 0, found: 5)), .frame(long),
          .rejected(noise, DecodeError(.noise, at: 0, found: 5)),
        ])
    }
  }

  @Test func aBrokenTelegramIsOnePieceWithAllItsBytes() {
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

  @Test func aGoodFrameInsideABrokenOneIsFound() {
    let outer: [UInt8] = [0x68, 0x20, 0x20, 0x68, 0x08, 0x01, 0x72]
    verifyShapes(MBusFramer(), outer + long, expected: [long])
    var lost = long + long
    lost.remove(at: 6)
    verifyShapes(MBusFramer(), lost, expected: [long])
    #expect(frames(MBusFramer(), lost).count == 2)
  }

  @Test func everyCutIsOneRejectedPiece() {
    for count in 1..<long.count {
      let cut = Array(long.prefix(count))
      #expect(
        frames(MBusFramer(), cut, piece: 1).map(\.bytes) == [cut], "cut at \(count)")
      #expect(goodFrames(frames(MBusFramer(), cut)).isEmpty)
    }
  }

  @Test func everyFlippedByteIsRejected() {
    for index in long.indices {
      for bit in 0..<8 {
        var flipped = long
        flipped[index] ^= 1 << bit
        verifyShapes(MBusFramer(), flipped, expected: flipped[0] == 0xE5 ? [[0xE5]] : [])
      }
    }
  }

  @Test func endlessNoiseComesOutInBoundedPieces() {
    let noise = [UInt8](repeating: 0x68, count: 3 * MBusFramer.pieceLimit) + [0xE5]
    for piece in [Int.max, 1000] {
      let out = frames(MBusFramer(), noise, piece: piece)
      #expect(out.flatMap(\.bytes) == noise)
      #expect(goodFrames(out).isEmpty)
      #expect(out.allSatisfy { $0.bytes.count <= MBusFramer.pieceLimit })
    }
  }

  @Test func afterSilenceAFrameMayBeginAnywhere() {
    var framer = MBusFramer()
    framer.append([UInt8]([0x00, 0x01]).span)
    framer.finish()
    #expect(framer.next() == .rejected([0x00, 0x01], DecodeError(.noise, at: 0, found: 2)))
    #expect(framer.next() == nil)
    framer.append([UInt8]([0xE5]).span)
    #expect(framer.next() == .frame([0xE5]))
  }
}
