import Foundation
import Testing
import TestSupport

@testable import Base
@testable import Decoders
@testable import Meters

/// All telegrams of our own samples, without check values.
private func samples() throws -> [[UInt8]] {
  let folder = repository.appending(path: "Tests/Samples/wmbus")
  var samples: [[UInt8]] = []
  for file in try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() {
    let text = try String(contentsOf: folder.appending(path: file), encoding: .utf8)
    var bytes: [UInt8] = []
    for line in text.split(separator: "\n") where line.hasPrefix("telegram:") {
      bytes += Hexadecimal.bytes(line.dropFirst(9).utf8) ?? []
    }
    for piece in pieces(of: bytes) {
      samples.append(try AirFrame.stripped(piece))
    }
  }
  return samples
}

/// The frames of a sample.
private func pieces(of bytes: [UInt8]) -> [[UInt8]] {
  var framer = WirelessMBusFramer()
  framer.append(bytes.span)
  framer.finish()
  var frames: [[UInt8]] = []
  while let piece = framer.next() {
    if case .frame(let frame) = piece { frames.append(frame) }
  }
  return frames
}

@Suite struct ReceiverFramingTests {
  @Test("every telegram of the samples, in both formats and a byte at a time, gives the same readings by each receiver")
  func samplesByEachReceiver() throws {
    let samples = try samples()
    #expect(samples.count >= 26)
    for kind in ScriptedReceiver.Kind.allCases {
      var line = ReceiverLine(kind, named: kind.setting)
      line.open()
      _ = line.takeOutputs()
      for (isBare, isFormatB) in [(false, false), (false, true), (true, false)] {
        line.receiver.isInCommandMode = !isBare
        for sample in samples {
          line.wait(.minutes(2))
          _ = line.takeOutputs()
          let air = isFormatB ? AirFrame.formatB(sample) : AirFrame.formatA(sample)
          line.send(line.receiver.wrapped(sample, air: air, isFormatB: isFormatB), inPieces: true)
          let outputs = line.takeOutputs()
          let frames = outputs.compactMap(\.frame)
          #expect(frames.count == 1 && outputs.count == 2, "\(kind) \(Hexadecimal.text(sample)) \(outputs)")
          for bytes in frames {
            #expect(try AirFrame.stripped(bytes) == sample)
            #expect(AirFrame.meaning(of: bytes) == AirFrame.meaning(of: sample))
          }
        }
      }
    }
  }

  @Test("a line of a CUL whose check values do not fit is damage, and never a frame that has none")
  func damagedLines() throws {
    let plain = try AirFrame.stripped(sampleBytes("wmbus/plain"))
    var line = ReceiverLine(.cul, named: .cul)
    line.open()
    _ = line.takeOutputs()
    for (air, isFormatB) in [(AirFrame.formatA(plain), false), (AirFrame.formatB(plain), true)] {
      for index in air.indices.dropFirst(1) {
        var damaged = air
        // Two bits, which also damages what a single one would leave to be seen.
        damaged[index] ^= 0x41
        line.send(line.receiver.wrapped(plain, air: damaged, isFormatB: isFormatB))
        let outputs = line.takeOutputs()
        #expect(outputs.allSatisfy { $0.frame == nil } && outputs.contains { $0.code != nil }, "byte \(index)")
      }
    }
  }

  @Test("a length that is too high does not make one telegram of two", arguments: [1, 4, 200])
  func damagedLengths(size: Int) throws {
    let plain = try AirFrame.stripped(sampleBytes("wmbus/plain"))
    let wrapped = ScriptedReceiver(.im871a).wrapped(plain, air: [], isFormatB: false)
    for extra in 5..<wrapped.count {
      var damaged = wrapped
      damaged[3] += UInt8(extra)
      var framer = ReceiverFramer(.im871a)
      let bytes = damaged + wrapped + wrapped
      var found: [Framed] = []
      for start in stride(from: 0, to: bytes.count, by: size) {
        found += framer.pieces(of: Array(bytes[start..<min(start + size, bytes.count)]))
      }
      found += framer.finished()
      let frames = found.filter { if case .frame = $0 { true } else { false } }
      #expect(frames == [.frame(wrapped), .frame(wrapped)], "\(extra)")
    }
  }

  @Test(
    "whatever a receiver sends, pieces stay short, and the sound telegram behind it is delivered",
    arguments: ScriptedReceiver.Kind.allCases)
  func anything(kind: ScriptedReceiver.Kind) throws {
    let samples = try samples()
    let plain = try AirFrame.stripped(sampleBytes("wmbus/plain"))
    var state: UInt64 = 13757
    func number(below end: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % end
    }
    func wrapped(_ frame: [UInt8], _ line: ReceiverLine) -> [UInt8] {
      line.receiver.wrapped(frame, air: AirFrame.formatA(frame), isFormatB: false)
    }
    var line = ReceiverLine(kind, named: WirelessReception.Receiver(rawValue: kind.rawValue)!)
    line.open()
    for round in 0..<300 {
      var bytes = wrapped(samples[number(below: samples.count)], line)
      switch number(below: 5) {
      case 0: bytes.removeLast(number(below: bytes.count))
      case 1: bytes.removeFirst(number(below: bytes.count))
      case 2: bytes.insert(contentsOf: (0..<number(below: 700)).map { _ in UInt8(number(below: 256)) }, at: 3)
      default: for _ in 0...number(below: 4) { bytes[number(below: bytes.count)] ^= 1 << UInt8(number(below: 8)) }
      }
      line.send(bytes)
      guard round % 10 == 9 else { continue }
      line.wait(.minutes(2))
      for case .rejected(_, let piece, _) in line.takeOutputs() { #expect(piece.count <= Limits.frameBytes) }
      line.send(wrapped(plain, line))
      line.wait(600)
      let heard = try line.takeOutputs().compactMap(\.frame).map(AirFrame.stripped)
      #expect(heard == [plain], "round \(round)")
    }
  }

  @Test("every byte of a stream comes out once, whatever the framing is")
  func nothingIsLost() throws {
    let samples = try samples()
    var state: UInt64 = 88_172_645_463_325_252
    for framing in [ReceiverFramer.Framing.im871a, .amber, .lengths] {
      for _ in 0..<50 {
        var bytes: [UInt8] = []
        for sample in samples.prefix(8) {
          for _ in 0..<Int(state % 5) {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            bytes.append(UInt8(truncatingIfNeeded: state))
          }
          state ^= state << 13
          state ^= state >> 7
          bytes += framing == .im871a ? [0xA5, 2, 3, sample[0]] + sample.dropFirst() : sample
        }
        var framer = ReceiverFramer(framing)
        let pieces = framer.pieces(of: bytes) + framer.finished()
        let out = pieces.flatMap { piece -> [UInt8] in
          switch piece {
          case .frame(let bytes), .rejected(let bytes, _): bytes
          }
        }
        #expect(out == bytes)
      }
    }
  }
}
