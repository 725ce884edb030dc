import Testing

@testable import Decoders

@Suite struct SystemTitleTests {
  @Test("a system title is shown as on the label") func label() {
    #expect(SystemTitle(0x4B46_4D65_5012_3456).description == "6KFM5501193046")
    #expect(SystemTitle(0x4B46_4D10_1000_0023).description == "1KFM0100000035")
    #expect(SystemTitle(0x4953_4B67_7513_BF3B).description == "ISK677513BF3B")
    #expect(SystemTitle(0x0102_0304_0506_0708).description == "0102030405060708")
  }
}
