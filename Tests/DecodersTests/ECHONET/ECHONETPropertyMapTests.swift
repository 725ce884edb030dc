import Testing

@testable import Decoders

@Suite struct ECHONETPropertyMapTests {
  @Test("a property map is read in both forms") func forms() {
    let list: [UInt8] = [3, 0xE7, 0x80, 0xD3]
    #expect(ECHONETPropertyMap.codes(list.span) == [0x80, 0xD3, 0xE7])
    var bits: [UInt8] = [16] + [UInt8](repeating: 1, count: 16)
    #expect(ECHONETPropertyMap.codes(bits.span) == Array(0x80...0x8F))
    // Bit 6 of byte 7: E7.
    bits[0] = 17
    bits[8] |= 0x40
    #expect(ECHONETPropertyMap.codes(bits.span) == Array(0x80...0x8F) + [0xE7])
    bits[0] = 18
    #expect(ECHONETPropertyMap.codes(bits.span) == nil)
    #expect(ECHONETPropertyMap.codes([UInt8]().span) == nil)
  }
}
