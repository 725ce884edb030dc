import Testing

@testable import Decoders

private let data = DLMSBuilder.kaifa()

/// A telegram in several link frames.
private struct Chain: Sendable, CustomTestStringConvertible {
  var testDescription: String
  var link: [[UInt8]]

  var whole: [UInt8] { link.flatMap(\.self) }
}

private let chains: [Chain] = [
  Chain(testDescription: "segments of M-Bus", link: DLMSBuilder.mbus(data, size: 64)),
  Chain(testDescription: "segments of HDLC", link: DLMSBuilder.hdlc(data, size: 64)),
  Chain(
    testDescription: "blocks in HDLC",
    link: DLMSBuilder.blocks(data, size: 90).enumerated().map {
      DLMSBuilder.hdlcFrame(($0.offset == 0 ? [0xE6, 0xE7, 0x00] : []) + $0.element)
    }),
  Chain(
    testDescription: "blocks, each in HDLC segments",
    link: DLMSBuilder.blocks(data, size: 90).flatMap { DLMSBuilder.hdlc($0, size: 50) }),
  Chain(testDescription: "blocks alone", link: DLMSBuilder.blocks(data, size: 90)),
]

/// A telegram in one link frame, and whether it has a check value.
private struct Single: Sendable, CustomTestStringConvertible {
  var testDescription: String
  var frame: [UInt8]
  var hasCheck = false
}

private let singles: [Single] = [
  Single(testDescription: "M-Bus", frame: DLMSBuilder.mbus(Array(data.prefix(200)))[0], hasCheck: true),
  Single(testDescription: "HDLC", frame: DLMSBuilder.hdlc(data)[0], hasCheck: true),
  Single(testDescription: "wrapper", frame: DLMSBuilder.wrapper(data)),
  Single(testDescription: "notification", frame: data),
  Single(testDescription: "envelope", frame: DLMSBuilder.seal(data, counter: 1)),
]

@Suite struct DLMSFramerSilenceTests {
  @Test("segments and blocks that have come wait for the others over every silence", arguments: chains)
  private func piecesWait(_ chain: Chain) {
    for cut in 1..<chain.link.count {
      var line = FramedLine(DLMSFramer())
      line.append(chain.link[..<cut].flatMap(\.self))
      line.pause()
      line.quiet()
      #expect(line.framer.isWaiting && line.out.isEmpty, "\(cut)")
      line.append(chain.link[cut...].flatMap(\.self))
      #expect(line.out == [.frame(chain.whole)], "\(cut)")
      line.quiet()
      #expect(!line.framer.isWaiting)
    }
  }

  @Test("half a segment waits with those before it", arguments: chains)
  private func halfSegment(_ chain: Chain) {
    let first = chain.link[0].count
    for cut in [first + 1, first + 12, chain.whole.count - 3] {
      var line = FramedLine(DLMSFramer())
      line.append(Array(chain.whole[..<cut]))
      line.pause()
      line.quiet()
      #expect(line.framer.isWaiting && line.out.isEmpty, "\(cut)")
      line.append(Array(chain.whole[cut...]))
      line.pause()
      #expect(line.out == [.frame(chain.whole)], "\(cut)")
      line.append(Array(chain.whole[..<cut]))
      line.quiet()
      line.finish()
      #expect(line.out.count == 2 && line.error.code != .noise, "\(cut)")
      #expect(!line.framer.isWaiting)
    }
  }

  @Test("the next telegram ends one that waits", arguments: chains)
  private func nextStart(_ chain: Chain) {
    var line = FramedLine(DLMSFramer())
    line.append(chain.link[0])
    line.quiet()
    line.append(chain.whole)
    #expect(line.out.count == 2 && line.out.last == .frame(chain.whole))
    #expect(line.out.flatMap(\.bytes) == chain.link[0] + chain.whole)
    guard case .rejected(_, let error) = line.out[0] else {
      Issue.record("a frame")
      return
    }
    #expect(error.code == .segmentMissing)
  }

  @Test("the end of the wait rejects what has come", arguments: chains)
  private func end(_ chain: Chain) {
    var line = FramedLine(DLMSFramer())
    line.append(chain.link[0])
    line.quiet()
    line.finish()
    guard case .rejected(chain.link[0], let error)? = line.out.first else {
      Issue.record("not rejected")
      return
    }
    #expect(error.code == .segmentMissing)
    line.append(chain.whole)
    #expect(line.out.last == .frame(chain.whole))
  }

  @Test("segments without the first one are missing a segment", arguments: chains)
  private func headless(_ chain: Chain) {
    for first in 1..<chain.link.count {
      let rest = chain.link[first...].flatMap(\.self)
      let out = frames(DLMSFramer(), rest + chain.whole)
      #expect(goodFrames(out) == [chain.whole], "\(first)")
      #expect(out.flatMap(\.bytes) == rest + chain.whole, "\(first)")
      for case .rejected(_, let error) in out { #expect(error.code == .segmentMissing, "\(first)") }
    }
  }

  @Test("the rest of HDLC segments is one rejected piece") func headlessRun() {
    let link = DLMSBuilder.hdlc(data, size: 64)
    let rest = link[1...].flatMap(\.self)
    let error = DecodeError(.segmentMissing, at: rest.count, expected: 0, found: 1)
    #expect(frames(DLMSFramer(), rest) == [.rejected(rest, error)])
    let half = Array(link[1])
    #expect(
      frames(DLMSFramer(), half) == [
        .rejected(half, DecodeError(.segmentMissing, at: half.count, expected: 0, found: 1))
      ])
  }

  @Test("application data without a link control header may still be a telegram") func noLinkControl() {
    let envelope = DLMSBuilder.hdlcFrame(DLMSBuilder.seal(data, counter: 1))
    #expect(frames(DLMSFramer(), envelope) == [.frame(envelope)])
    let notification = DLMSBuilder.hdlcFrame(data)
    #expect(frames(DLMSFramer(), notification) == [.frame(notification)])
  }

  @Test("a pause in a frame does not end it, whatever is missing", arguments: singles)
  private func halfFrame(_ single: Single) {
    for cut in stride(from: 1, to: single.frame.count, by: 7) {
      var line = FramedLine(DLMSFramer())
      line.append(Array(single.frame[..<cut]))
      line.pause()
      line.append(Array(single.frame[cut...]))
      // Without a check value the next pause proves that nothing was lost.
      if !single.hasCheck { line.pause() }
      #expect(line.out == [.frame(single.frame)], "\(cut)")
    }
  }

  @Test("a frame behind a pause ends half a frame before it", arguments: singles, singles)
  private func restart(_ first: Single, _ second: Single) {
    for cut in [2, 10, 100, first.frame.count - 2] {
      let half = Array(first.frame[..<cut])
      for piece in [Int.max, 31] {
        var line = FramedLine(DLMSFramer())
        line.append(half, piece: piece)
        line.pause()
        line.append(second.frame, piece: piece)
        line.pause()
        #expect(line.out == [.rejected(half, line.error), .frame(second.frame)], "\(cut)")
        #expect(line.error.code == .truncated, "\(cut) \(piece)")
      }
    }
  }

  @Test("bytes that follow at once prove that a frame without a check value has lost some") func lostBytes() {
    let frame = DLMSBuilder.wrapper(data)
    for lost in [1, 2, 8, 50] {
      let half = Array(frame.dropLast(lost))
      for piece in [Int.max, 1] {
        var line = FramedLine(DLMSFramer())
        line.append(half, piece: piece)
        line.pause()
        line.append(Array(frame.dropFirst(4)), piece: piece)
        line.pause()
        #expect(goodFrames(line.out).isEmpty, "\(lost) \(piece)")
        #expect(line.out.flatMap(\.bytes) == half + frame.dropFirst(4), "\(lost) \(piece)")
      }
    }
  }

  @Test("half a frame is over when the line is quiet", arguments: singles)
  private func quiet(_ single: Single) {
    let half = Array(single.frame.dropLast(5))
    var line = FramedLine(DLMSFramer())
    line.append(half)
    line.pause()
    line.quiet()
    #expect(!line.framer.isWaiting)
    #expect(line.out == [.rejected(half, line.error)])
    line.append(single.frame)
    #expect(line.out.last == .frame(single.frame))
  }

  @Test("a pause is a place where a frame without a check value may begin") func resync() {
    let frame = DLMSBuilder.wrapper(data)
    var line = FramedLine(DLMSFramer())
    line.append(Array(frame.suffix(40)))
    line.pause()
    line.append(frame)
    #expect(goodFrames(line.out) == [frame])
  }
}
