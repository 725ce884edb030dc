import Testing

@testable import Decoders

@Suite struct CRC16Tests {
  @Test("the CRC of the check string is the one of the standard") func checkString() {
    #expect(CRC16.x25(Array("123456789".utf8).span) == 0x906E)
    #expect(CRC16.en13757(Array("123456789".utf8).span, 0..<9) == 0xC2B7)
  }

  @Test("the CRC of wireless M-Bus is that of its polynomial, wherever the bytes stand and however they are cut")
  func wireless() {
    let bytes = (0..<70).map { UInt8(truncatingIfNeeded: $0 &* 73 ^ $0 >> 2) }
    for start in 0..<9 {
      var crc: UInt16 = 0
      for end in start..<bytes.count {
        let found = CRC16.en13757(bytes.span, start..<end)
        #expect(found == ~crc)
        let middle = (start + end) / 2
        let first = CRC16.en13757(bytes.span, start..<middle)
        #expect(CRC16.en13757(bytes.span, middle..<end, after: first) == found)
        crc ^= UInt16(bytes[end]) << 8
        for _ in 0..<8 { crc = crc & 0x8000 == 0 ? crc << 1 : crc << 1 ^ 0x3D65 }
      }
    }
  }
}
