import Testing
import TestSupport

@testable import Decoders
@testable import Meters

private func parts(_ known: ProtocolDescription, _ bytes: [UInt8]) throws -> [TelegramPart] {
  var decoder = known.decoder(MeterSettings(id: "x", meterProtocol: known, source: .standardInput, sourceText: "-"))
  var telegrams: [Telegram] = []
  try decoder.decode(bytes.span, into: &telegrams)
  return TelegramPart.all(of: try #require(telegrams.first))
}

@Test("the parts of an M-Bus telegram are its header and its records, with their places")
func partsOfMBus() throws {
  let header: [UInt8] = [0x45, 0x23, 0x01, 0x83, 0x2D, 0x2C, 0x40, 0x04, 0x0D, 0x00, 0x00, 0x00]
  let frame = MBusFrame.long(
    control: 0x08, address: 1, information: 0x72, data: header + [0x04, 0x06, 0x88, 0x04, 0, 0, 0x42, 0x5B, 0x3C, 0])
  let parts = try parts(.mbus, frame.bytes)
  #expect(parts.map(\.offset) == [7, 19, 25])
  #expect(parts[0].meaning == "header: number 83012345, KAM, version 64, heat_outlet, access 13, status 0")
  #expect(parts[1].bytes == "04 06 88 04 00 00")
  #expect(parts[1].meaning == "energy: 1160000 Wh")
  #expect(parts[2].meaning == "flow_temperature, storage 1: 60 °C")
}

@Test("the parts of a P1 telegram are its lines, with the names of their fields")
func partsOfP1() throws {
  let bytes = p1Telegram("1-0:1.8.1(000001.000*kWh)", "1-0:99.1.0(00.472*kW)")
  let parts = try parts(.p1, bytes).suffix(2)
  #expect(parts.map(\.bytes) == ["1-0:1.8.1(000001.000*kWh)", "1-0:99.1.0(00.472*kW)"])
  #expect(parts.map(\.meaning) == ["energy_import_t1", ""])
  for part in parts { #expect(bytes[(part.offset ?? 0)...].starts(with: part.bytes.utf8)) }
}

@Test("the parts of a D0 readout are its sets")
func partsOfD0() throws {
  let parts = try parts(.d0, Array("/XYZ5TEST\r\n1.8.1(001.0*kWh)6.99(1)\r\n!\r\n".utf8))
  #expect(parts.map(\.bytes) == ["1.8.1(001.0*kWh)", "6.99(1)"])
  #expect(parts.map(\.meaning) == ["energy_import_t1", ""])
  #expect(parts[0].offset == 11)
}

@Test("the parts of an SML file are its entries")
func partsOfSML() throws {
  let parts = try parts(.sml, sampleBytes("sml/emh-export"))
  #expect(parts.map(\.offset) == [84, 101, 125, 151, 175, 199, 219])
  #expect(parts[2].meaning == "1-0:1.8.0*255 energy_import: 4567890.1 Wh")
  #expect(parts[5].meaning == "1-0:15.7.0*255: 137.1 W")
}

@Test("the parts of an ECHONET frame begin at their codes")
func partsOfECHONET() throws {
  let frame: [UInt8] = [
    0x10, 0x81, 0, 1, 0x02, 0x88, 0x01, 0x05, 0xFF, 0x01, 0x72, 1, 0xE7, 4, 0, 0, 1, 0xF8,
  ]
  #expect(
    try parts(.echonet, frame)
      == [TelegramPart(offset: 12, bytes: "E7 04 00 00 01 F8", meaning: "instantaneous_power: 504 W")])
}
