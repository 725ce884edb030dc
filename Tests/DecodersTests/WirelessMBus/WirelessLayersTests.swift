import Testing

@testable import Decoders

private let header: [UInt8] = [0x7A, 0x01, 0x00, 0x00, 0x00]
private let records: [UInt8] = [0x0C, 0x13, 0x45, 0x23, 0x01, 0x00]

@Suite struct WirelessLayersTests {
  @Test("a header with nothing behind it tells who can be reached, and no value", arguments: [false, true])
  func signOfLife(_ isLong: Bool) throws {
    let meter: [UInt8] = [0x44, 0x33, 0x22, 0x70, 0x35, 0x06, 0x21, 0x07]
    let content: [UInt8] = [0x8C, 0x20, 0x75] + (isLong ? [0x8B] + meter : [0x8A]) + [0x01, 0x04, 0x00, 0x00]
    var frame = WirelessBuilder.stripped(content)
    frame[1] = 0x47
    var decoder = WirelessMBusDecoder()
    var telegrams: [Telegram] = []
    try decoder.decode(frame.span, into: &telegrams)
    let reading = try #require(telegrams.first?.readings.first)
    #expect(reading.meterNumber == (isLong ? "70223344" : "70112233"))
    #expect(reading.fields.isEmpty && telegrams[0].issues.isEmpty)
    #expect(frames(WirelessMBusFramer(), frame) == [.frame(frame)])
  }

  @Test("Apator's own block before a header is stepped over, whatever it has")
  func ownBlock() {
    let apator: [UInt8] = [0x14, 0x86, 0x33, 0x22, 0x11, 0x70, 0x21, 0x07]
    func lines(_ block: [UInt8], address: [UInt8]) -> [String] {
      let frame = WirelessBuilder.stripped(block + header + records, address: address)
      let decoded = decodeAll([.frame(frame)], WirelessMBusDecoder())
      return decoded.telegrams.flatMap(\.lines).filter { $0.hasPrefix("volume") } + decoded.errors.map(\.code.name)
    }
    #expect(lines([0xB6, 0x03, 0x7A, 0x7A, 0x7A], address: apator) == ["volume: 12.345 m³"])
    #expect(lines([0xB6, 0x00], address: apator) == ["volume: 12.345 m³"])
    // Its length is a lie, or the maker is another.
    #expect(lines([0xB6, 0x02, 0x7A, 0x7A, 0x7A], address: apator).contains("volume: 12.345 m³") == false)
    #expect(lines([0xB6, 0xF0, 0x7A], address: apator) == ["maker_frame"])
    #expect(lines([0xB6, 0x03, 0x7A, 0x7A, 0x7A], address: WirelessBuilder.address) == ["maker_frame"])
  }
}
