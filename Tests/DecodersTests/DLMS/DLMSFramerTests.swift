import Testing

@testable import Decoders

private let data = DLMSBuilder.kaifa()

/// How a telegram comes over the line: its link frames, and the framer that must find them.
private struct Transport: Sendable, CustomTestStringConvertible {
  var testDescription: String
  var framer = DLMSFramer()
  var link: [[UInt8]]

  var bytes: [UInt8] { link.flatMap(\.self) }
}

private let transports: [Transport] = [
  Transport(testDescription: "M-Bus, one segment", link: DLMSBuilder.mbus(Array(data.prefix(200)))),
  Transport(testDescription: "M-Bus, two segments", link: DLMSBuilder.mbus(data + data)),
  Transport(testDescription: "M-Bus, sixteen segments", link: DLMSBuilder.mbus(data, size: 16)),
  Transport(testDescription: "M-Bus, 257 bytes with length 1", link: DLMSBuilder.mbus(data + data, size: 252)),
  Transport(testDescription: "M-Bus alone", framer: DLMSFramer(.mbus), link: DLMSBuilder.mbus(data)),
  Transport(testDescription: "HDLC", link: DLMSBuilder.hdlc(data)),
  Transport(testDescription: "HDLC, segmented", link: DLMSBuilder.hdlc(data, size: 100)),
  Transport(testDescription: "HDLC alone", framer: DLMSFramer(.hdlc), link: DLMSBuilder.hdlc(data, size: 100)),
  Transport(
    testDescription: "blocks in HDLC",
    link: DLMSBuilder.blocks(data, size: 90).enumerated().map {
      DLMSBuilder.hdlcFrame(($0.offset == 0 ? [0xE6, 0xE7, 0x00] : []) + $0.element)
    }),
  Transport(
    testDescription: "blocks, each in HDLC segments",
    link: DLMSBuilder.blocks(data, size: 90).flatMap { DLMSBuilder.hdlc($0, size: 50) }),
  Transport(testDescription: "blocks alone", link: DLMSBuilder.blocks(data, size: 90)),
  Transport(testDescription: "wrapper", link: [DLMSBuilder.wrapper(data)]),
  Transport(testDescription: "notification", link: [data]),
  Transport(testDescription: "notification behind a link control header", link: [[0xE6, 0xE7, 0x00] + data]),
  Transport(testDescription: "envelope", link: [DLMSBuilder.seal(data, counter: 1)]),
  Transport(
    testDescription: "envelope alone", framer: DLMSFramer(.apdu), link: [DLMSBuilder.seal(data, counter: 1)]),
]

private let good = DLMSBuilder.mbus(data).flatMap(\.self)

/// Link frames in an order that is not that of a telegram.
private struct Disorder: Sendable, CustomTestStringConvertible {
  var testDescription: String
  /// Which of the four segments come, in this order; the next good telegram follows.
  var order: [Int]
}

@Suite struct DLMSFramerTests {
  @Test("a telegram is found over every transport", arguments: transports)
  private func everyTransport(_ sample: Transport) {
    verifyShapes(sample.framer, sample.bytes, expected: [sample.bytes])
    verifyShapes(
      sample.framer, sample.bytes + sample.bytes + sample.bytes, expected: [sample.bytes, sample.bytes, sample.bytes])
  }

  @Test("no byte is lost wherever the line breaks", arguments: transports)
  private func cut(_ sample: Transport) {
    for count in stride(from: 0, to: sample.bytes.count, by: 3) {
      let bytes = Array(sample.bytes.prefix(count))
      let out = frames(sample.framer, bytes)
      // A flag at the end fills the time until the next frame.
      let said = out.flatMap(\.bytes)
      #expect(said == bytes || said + [0x7E] == bytes)
      #expect(out.isEmpty == (count == 0 || bytes == [0x7E]))
    }
  }

  @Test("a telegram is decoded over every transport", arguments: transports)
  private func decodes(_ sample: Transport) throws {
    guard !sample.testDescription.contains("envelope"), sample.bytes.count > data.count,
      sample.bytes.count < 2 * data.count
    else { return }
    let decoded = decodeAll(frames(sample.framer, sample.bytes), DLMSDecoder())
    #expect(decoded.errors == [])
    #expect(decoded.telegrams.first?.readings.first?.meterNumber == "123456789012")
  }

  @Test("noise between two telegrams is one rejected piece and hides nothing") func noise() {
    let noise: [UInt8] = [0x00, 0x68, 0xFA, 0x11, 0x7E, 0xDB, 0x08, 0x0F, 0x68, 0x10, 0x11]
    for piece in [Int.max, 1, 7] {
      let out = frames(DLMSFramer(), noise + good + noise + good, piece: piece)
      #expect(out.count == 4)
      #expect(goodFrames(out) == [good, good])
      #expect(out.flatMap(\.bytes) == noise + good + noise + good)
    }
  }

  @Test(
    "a broken telegram is one rejected piece with all its bytes",
    arguments: [DLMSBuilder.mbus(data), DLMSBuilder.hdlc(data)])
  private func broken(_ link: [[UInt8]]) {
    let whole = link.flatMap(\.self)
    for place in stride(from: 20, to: link[0].count - 4, by: 11) {
      var broken = whole
      broken[place] ^= 0x40
      let out = frames(DLMSFramer(), whole + broken + whole)
      #expect(goodFrames(out).filter { $0 == whole }.count == 2)
      #expect(out.flatMap(\.bytes) == whole + broken + whole)
      #expect(out.contains { if case .rejected(_, let error) = $0 { error.code == .checksumMismatch } else { false } })
    }
  }

  @Test("a framer that ignores checksums lets damage through") func ignoredChecksums() {
    var broken = DLMSBuilder.mbus(Array(data.prefix(200)))[0]
    broken[30] ^= 1
    #expect(goodFrames(frames(DLMSFramer(), broken)).isEmpty)
    #expect(goodFrames(frames(DLMSFramer(ignoresChecksums: true), broken)) == [broken])
  }

  @Test("data without a frame counts only where a frame may begin") func unchecked() {
    // Inside a broken frame an envelope would swallow the good telegram behind it.
    var broken = DLMSBuilder.hdlc(DLMSBuilder.seal(data, counter: 1))[0]
    broken[200] ^= 1
    let out = frames(DLMSFramer(), broken + good)
    #expect(goodFrames(out) == [good])
    #expect(out.count == 2)
    // A port of nothing but such data looks at every byte.
    let envelope = DLMSBuilder.seal(data, counter: 1)
    #expect(goodFrames(frames(DLMSFramer(.apdu), [1, 2, 3] + envelope)) == [envelope])
    #expect(goodFrames(frames(P1Framer(), [1, 2, 3] + envelope)) == [envelope])
  }

  @Test("endless noise comes out in pieces of a limited size") func bounded() {
    let out = frames(DLMSFramer(), [UInt8](repeating: 0x55, count: 20_000), piece: 100)
    #expect(out.allSatisfy { $0.bytes.count <= FrameScanner<DLMSLink>.pieceLimit })
    #expect(out.reduce(0) { $0 + $1.bytes.count } == 20_000)
  }

  @Test("neighbours in HDLC share a flag") func sharedFlag() {
    let frame = DLMSBuilder.hdlc(data)[0]
    let second = Array(frame.dropFirst())
    for piece in [Int.max, 1] {
      #expect(goodFrames(frames(DLMSFramer(), frame + second + second, piece: piece)) == [frame, second, second])
    }
    // Flags that fill the time between frames are nothing.
    let filled = [0x7E, 0x7E, 0x7E] + frame + [0x7E, 0x7E] + frame + [0x7E]
    #expect(frames(DLMSFramer(), filled) == [.frame(frame), .frame(frame)])
  }

  @Test("a flag inside an HDLC frame is data") func innerFlag() {
    let inside = DLMSBuilder.notification(
      AXDR.structure([AXDR.code(1, 0, 1, 7, 0), AXDR.uint32(0x7E7E_7E7E), AXDR.scaler(0, 27)]))
    verifyShapes(DLMSFramer(), DLMSBuilder.hdlc(inside)[0], expected: DLMSBuilder.hdlc(inside))
  }

  @Test("an HDLC frame without information is handed out") func noInformation() {
    let frame = DLMSBuilder.hdlcFrame([])
    #expect(frames(DLMSFramer(), frame) == [.frame(frame)])
    #expect(decodeAll(frames(DLMSFramer(), frame), DLMSDecoder()).errors.map(\.code) == [.truncated])
  }

  @Test(
    "segments out of order are rejected, and the next telegram is not",
    arguments: [
      Disorder(testDescription: "first missing", order: [1, 2, 3]),
      Disorder(testDescription: "middle missing", order: [0, 1, 3]),
      Disorder(testDescription: "last missing", order: [0, 1, 2]),
      Disorder(testDescription: "doubled", order: [0, 1, 1, 2, 3]),
      Disorder(testDescription: "swapped", order: [0, 2, 1, 3]),
      Disorder(testDescription: "first doubled", order: [0, 1, 0, 1, 2]),
    ])
  private func disorder(_ disorder: Disorder) {
    let chains: [[[UInt8]]] = [
      DLMSBuilder.mbus(data, size: 64),
      DLMSBuilder.blocks(data, size: 64).map { DLMSBuilder.hdlcFrame([0xE6, 0xE7, 0x00] + $0) },
    ]
    for link in chains {
      let whole = link.flatMap(\.self)
      let bytes = disorder.order.flatMap { link[$0] } + whole
      let out = frames(DLMSFramer(), bytes)
      #expect(goodFrames(out) == [whole])
      #expect(out.flatMap(\.bytes) == bytes)
      for case .rejected(_, let error) in out { #expect(error.code == .segmentMissing) }
      #expect(out.count > 1)
    }
  }

  @Test("a run of HDLC segments ends where a new telegram begins") func newTelegram() {
    let link = DLMSBuilder.hdlc(data, size: 100)
    let whole = link.flatMap(\.self)
    let out = frames(DLMSFramer(), link[0] + link[1] + whole)
    #expect(out == [.rejected(link[0] + link[1], DecodeError(.segmentMissing, at: out[0].bytes.count)), .frame(whole)])
  }

  @Test("silence ends an open telegram") func silence() {
    let link = DLMSBuilder.mbus(data, size: 100)
    let first = link[0]
    var framer = DLMSFramer()
    framer.append(first.span)
    #expect(framer.next() == nil)
    framer.finish()
    #expect(
      framer.next() == .rejected(first, DecodeError(.segmentMissing, at: first.count, expected: 1, found: -1)))
    #expect(framer.next() == nil)
    framer.append(good.span)
    #expect(framer.next() == .frame(good))
  }

  @Test("telegrams of other protocols are named") func otherProtocols() {
    let answer: [UInt8] = [0x68, 0x07, 0x07, 0x68, 0x08, 0x01, 0x72, 0x01, 0x02, 0x03, 0x04, 0x85, 0x16]
    let p1 = Array("/KFM5KAIFA-METER\r\n\r\n1-0:1.7.0(00.472*kW)\r\n!1234\r\n".utf8)
    for piece in [Int.max, 1] {
      let out = frames(DLMSFramer(), good + answer + p1 + good, piece: piece)
      #expect(goodFrames(out) == [good, good])
      #expect(
        out.dropFirst().dropLast() == [
          .rejected(answer, DecodeError(.otherProtocol, at: 6, found: 0x68)),
          .rejected(p1, DecodeError(.otherProtocol, at: 0, found: 0x2F)),
        ])
    }
    let readout = D0Builder.unchecked(["0.0.0(99900001)", "1.8.0(000123.4*kWh)"])
    for bytes in [good + readout + good, good + readout] {
      let out = frames(DLMSFramer(), bytes)
      #expect(out.contains(.rejected(readout, .readout)))
    }
    #expect(DecodeError.readout.description == "a D0 readout; configure protocol: d0")
    #expect(frames(SMLFramer(), readout) == [.rejected(readout, .readout)])
    let cipher = DLMSBuilder.behindIdentification(data, counter: 1)
    for piece in [Int.max, 1] {
      let out = frames(DLMSFramer(), good + cipher + good, piece: piece)
      #expect(goodFrames(out) == [good, good])
      #expect(out.contains(.rejected(cipher, DecodeError(.otherProtocol, at: 0, found: 0x2F))))
      let frame = DLMSBuilder.hdlc(data)[0]
      #expect(
        frames(P1Framer(), cipher + frame + cipher, piece: piece) == [
          .frame(cipher), .rejected(frame, DecodeError(.otherProtocol, at: 0, found: 0x7E)), .frame(cipher),
        ])
    }
  }
}
