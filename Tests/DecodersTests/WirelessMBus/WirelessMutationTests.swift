import Base
import Testing

@testable import Decoders

@Suite struct WirelessMutationTests {
  @Test("ten thousand mutated telegrams trap nothing, and lose no byte")
  func mutations() throws {
    var numbers = SplitMix64(seed: 13757)
    let samples = Sample.all(of: .wmbus)
    for round in 0..<10_000 {
      let sample = try #require(samples.randomElement(using: &numbers))
      var bytes = try WirelessFrame(sample.bytes.span).stripped(sample.bytes.span)
      for _ in 0..<Int.random(in: 1...4, using: &numbers) {
        let index = Int.random(in: 0..<bytes.count, using: &numbers)
        switch UInt8.random(in: 0..<4, using: &numbers) {
        case 0: bytes[index] = .random(in: 0...255, using: &numbers)
        case 1: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &numbers)
        case 2: bytes.insert(.random(in: 0...255, using: &numbers), at: index)
        default: if bytes.count > 1 { bytes.remove(at: index) }
        }
      }
      // With the right length the mutation reaches the decoder more often.
      if round % 2 == 0 { bytes[0] = UInt8(truncatingIfNeeded: bytes.count - 1) }
      let decoded = sample.decoded(bytes)
      #expect(decoded.framed.flatMap(\.bytes) == bytes)
      for reading in decoded.readings.joined() {
        let levels = reading.fields.map(reading.topicLevel)
        if Set(levels).count != levels.count { Issue.record("two fields of one name: \(Hexadecimal.text(bytes))") }
      }
    }
  }
}
