import Decoders
import Testing

@testable import Meters

@Suite struct BlockCipherTests {
  private func run(
    _ cipher: BlockCipher, _ mode: WirelessCipher.Mode, _ key: [UInt8], _ vector: [UInt8], _ text: [UInt8]
  ) -> [UInt8]? {
    var text = text
    var span = text.mutableSpan
    return cipher.run(mode, key.span, vector.span, &span) ? text : nil
  }

  @Test("what libcrypto chains is undone, with keys and vectors in turn") func chains() throws {
    let cipher = try #require(BlockCipher())
    for round in 0..<40 as Range<UInt8> {
      let key = (0..<16).map { UInt8($0) &* 7 &+ round / 3 }
      let vector = (0..<16).map { UInt8($0) &* 31 &+ round }
      for blocks in [1, 2, 5, 15, 3] {
        let plain = (0..<16 * blocks).map { UInt8(truncatingIfNeeded: $0 &* 13) ^ round }
        let sealed = try #require(run(cipher, .encipherChained, key, vector, plain))
        #expect(sealed != plain)
        #expect(run(cipher, .decipherChained, key, vector, sealed) == plain)
        // Another vector changes the first block alone.
        let other = try #require(run(cipher, .decipherChained, key, vector.reversed(), sealed))
        #expect(other.prefix(16) != plain.prefix(16) && other.dropFirst(16) == plain.dropFirst(16))
      }
    }
  }

  @Test("a part of a block, and a key of another size, are refused") func sizes() throws {
    let cipher = try #require(BlockCipher())
    let sixteen = [UInt8](repeating: 7, count: 16)
    #expect(run(cipher, .decipherChained, sixteen, sixteen, [UInt8](repeating: 0, count: 17)) == nil)
    #expect(run(cipher, .decipherChained, [1, 2, 3], sixteen, sixteen) == nil)
    #expect(run(cipher, .decipherChained, sixteen, sixteen, []) == [])
  }
}
