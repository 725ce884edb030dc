import Testing

@testable import Decoders

@Suite struct CRC16Tests {
  @Test("the CRC of the check string is the one of the standard") func checkString() {
    #expect(CRC16.x25(Array("123456789".utf8).span) == 0x906E)
  }
}
