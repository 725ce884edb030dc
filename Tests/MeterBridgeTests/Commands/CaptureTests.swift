import Testing
import TestSupport

@testable import Decoders
@testable import MeterBridge
@testable import Meters

private func settings(_ known: ProtocolDescription) -> MeterSettings {
  MeterSettings(id: "x", meterProtocol: known, source: .standardInput, sourceText: "-")
}

private let header: [UInt8] = [0x45, 0x23, 0x01, 0x83, 0x2D, 0x2C, 0x40, 0x04, 0x0D, 0x00, 0x00, 0x00]

private func answer(_ records: [UInt8]) -> [UInt8] {
  MBusFrame.long(control: 0x08, address: 1, information: 0x72, data: header + records).bytes
}

private let energy: [UInt8] = [0x04, 0x06, 0x88, 0x04, 0x00, 0x00]

@Test("the file of a capture has the values of the meter and not its number, and decode reads it")
func fileOfCapture() throws {
  var capture = try #require(Capture(settings(.mbus)))
  capture.add(answer(energy))
  // The fabrication number is the one of the header.
  capture.add(answer(energy + [0x0C, 0x78, 0x45, 0x23, 0x01, 0x83]))
  capture.reject([1, 2, 3])
  #expect(capture.rejected == (1, 3))
  let file = capture.file()
  #expect(file.frames == 2 && file.refused.isEmpty)
  let text = String(decoding: file.text, as: UTF8.self)
  #expect(text.hasPrefix("# meterbridge "))
  #expect(text.contains("# meterbridge decode --protocol mbus FILE\n"))
  #expect(!text.contains("45230183"))
  let results = DecodeCommand(settings: settings(.p1)).decode(file.text)
  let tables = results.map(\.table)
  #expect(results.map(\.isGood) == [true, true])
  for table in tables {
    #expect(table.hasPrefix("heat KAM MULTICAL 303 00000001\n") && table.contains("  1160 kWh\n"), "\(table)")
  }
}

@Test("what cannot be made anonymous is not in the file, and is counted")
func refusedFrames() throws {
  var capture = try #require(Capture(settings(.mbus)))
  // The record ends before its data.
  capture.add(answer(energy + [0x04, 0x06, 0x45]))
  // The number of the header, as the value of another record.
  capture.add(answer(energy + [0x0C, 0x13, 0x45, 0x23, 0x01, 0x83]))
  let file = capture.file()
  #expect(file.frames == 0 && file.text.isEmpty)
  #expect(file.refused.count == 2 && file.refused["a number of the meter stands at an unexpected place"] == 1)
}
