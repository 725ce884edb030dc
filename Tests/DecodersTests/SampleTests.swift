import Testing

@testable import Decoders

@Suite struct MBusSampleTests {
  @Test func theSamplesAreThere() { #expect(MBusSample.all.count >= 15) }

  @Test(arguments: MBusSample.all)
  func decodesToWhatTheSampleSays(_ sample: MBusSample) throws {
    let telegram = try decoded(sample.bytes).get()
    #expect(Set(lines(telegram)) == Set(sample.expected))
    #expect(lines(telegram).count == sample.expected.count)
    #expect(telegram.bytes == sample.bytes)
  }

  @Test(arguments: MBusSample.all + MBusSample.corpus)
  func isFoundInEveryShapeOfTheStream(_ sample: MBusSample) {
    let frame = sample.bytes
    verifyShapes(MBusFramer(), frame, expected: [frame])
    verifyShapes(MBusFramer(), frame + frame + [0xE5] + frame, expected: [frame, frame, [0xE5], frame])
    verifyShapes(MBusFramer(), [0x00, 0x68, 0x10] + frame + [0xFF, 0x68], expected: [frame])
    verifyShapes(MBusFramer(), Array(frame.dropLast(3)) + frame, expected: [frame])
  }

  @Test(arguments: MBusSample.all + MBusSample.corpus)
  func isNothingWhenCut(_ sample: MBusSample) {
    let cuts = sample.bytes.indices.filter { isAccepted(Array(sample.bytes.prefix($0))) }
    #expect(cuts.isEmpty)
  }

  @Test(arguments: MBusSample.all)
  func isAnErrorWhenAByteIsFlipped(_ sample: MBusSample) {
    for flip in [0x01, 0x10, 0x80, 0xFF] as [UInt8] {
      let accepted = sample.bytes.indices.filter { isAccepted(sample.bytes.flipped($0, by: flip)) }
      #expect(accepted.isEmpty)
    }
  }

  @Test(arguments: MBusSample.corpus)
  func isAnErrorWhenABitIsFlipped(_ sample: MBusSample) {
    let accepted = sample.bytes.indices.filter { isAccepted(sample.bytes.flipped($0, by: 1 << ($0 & 7))) }
    #expect(accepted.isEmpty)
  }

  /// Past the checksum everything is possible; nothing may trap, and no two fields may share a topic.
  @Test(arguments: MBusSample.all)
  func survivesAnyContentBehindAGoodChecksum(_ sample: MBusSample) {
    for index in 4..<sample.bytes.count - 2 {
      for value in [0x00, 0x0F, 0x7F, 0x80, 0xFC, 0xFF, sample.bytes[index] ^ 0x10] as [UInt8] {
        var changed = sample.bytes
        changed[index] = value
        guard case .success(let telegram) = decoded(resealed(changed)) else { continue }
        let levels = telegram.readings[0].fields.map(telegram.readings[0].topicLevel)
        if Set(levels).count != levels.count { Issue.record("byte \(index) as \(value): two fields of one name") }
      }
    }
  }

  @Test(arguments: MBusSample.corpus)
  func survivesAnyBitBehindAGoodChecksum(_ sample: MBusSample) {
    for index in 4..<sample.bytes.count - 2 {
      _ = decoded(resealed(sample.bytes.flipped(index, by: 0x80)))
    }
  }

  @Test(arguments: MBusSample.corpus)
  func everyTelegramOfTheCorpusDecodesWithoutAnIssue(_ sample: MBusSample) throws {
    #expect(try decoded(sample.bytes).get().issues.isEmpty)
  }
}

/// Whether the framer makes a frame of it, loses or doubles a byte, or the decoder a telegram.
private func isAccepted(_ bytes: [UInt8]) -> Bool {
  let framed = frames(MBusFramer(), bytes)
  if framed.flatMap(\.bytes) != bytes { return true }
  if case .success = decoded(bytes) { return true }
  // What looks like E5 after a flip is a frame, and decodes to nothing.
  return goodFrames(framed).contains { $0 != [0xE5] }
}

extension [UInt8] {
  fileprivate func flipped(_ index: Int, by mask: UInt8) -> [UInt8] {
    var bytes = self
    bytes[index] ^= mask
    return bytes
  }
}
