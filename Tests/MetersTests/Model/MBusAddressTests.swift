import Decoders
import Testing

@testable import Meters

@Suite struct MBusAddressTests {
  @Test("an address is written as in the configuration, and says nothing of what it leaves open")
  func texts() {
    func texts(_ rest: [UInt8]) -> [String] {
      let address = MBusAddress.secondary([0x15, 0x08, 0x00, 0x34] + rest)
      return [address.description, address.marked]
    }
    #expect(texts([0xFF, 0xFF, 0xFF, 0xFF]) == ["address 34000815", "34000815"])
    #expect(texts([0x2D, 0x2C, 0x1B, 0xFF]) == ["address 340008152D2C1BFF", "34000815.M=KAM.V=1B"])
    #expect(texts([0xFF, 0xFF, 0xFF, 0x16]) == ["address 34000815FFFFFF16", "34000815.T=16"])
    // Letters count from 1.
    #expect(texts([0x00, 0x00, 0x1B, 0x16]) == ["address 3400081500001B16", "3400081500001B16"])
    #expect(MBusAddress.primary(45).description == "address 45")
  }
}
