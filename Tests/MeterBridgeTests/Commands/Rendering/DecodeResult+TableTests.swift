import Glibc
import Testing
import TestSupport

@testable import Decoders
@testable import MeterBridge
@testable import Meters

private let settings = MeterSettings(id: "x", meterProtocol: .p1, source: .standardInput, sourceText: "-")

private func table(_ input: [UInt8], _ meterProtocol: ProtocolDescription? = nil) -> String {
  DecodeCommand(meterProtocol: meterProtocol, settings: settings).decode(input).tables.joined()
}

private let telegram = Array("/XYZ5TEST\r\n\r\n1-0:1.8.1(000001.000*kWh)\r\n!\r\n".utf8)

@Test("bytes that cannot be used are shown in a few lines, and all of them in JSON")
func unusableBytes() {
  let noise = [UInt8](repeating: 0xAB, count: 100_000)
  let lines = table(noise, .mbus).split(separator: "\n")
  #expect(lines.count == 3 * 10 + 1)
  #expect(lines[1].hasPrefix("  0000  AB AB "))
  #expect(lines[9].hasPrefix("  … and ") && lines[9].hasSuffix(" more bytes"))
  #expect(lines.last?.hasPrefix("… and ") == true && lines.last?.contains(" more such pieces of ") == true)
  let results = DecodeCommand(meterProtocol: .mbus, settings: settings).decode(noise)
  #expect(results.map(\.json).joined().count > 200_000)
  #expect(!table(Array(noise.prefix(128)), .mbus).contains("more"))
}

@Test("a P1 telegram without its last line is told so")
func missingLastLine() {
  let cut = Array(telegram.dropLast(3))
  for input in [cut, cut.dropLast(2)] {
    let expected = "p1: not decoded: the last line is missing: `!` and the four digits of the checksum"
    #expect(table(Array(input)).hasPrefix(expected), "\(table(Array(input)))")
  }
  #expect(table(Array(cut.dropLast(5))).contains("the bytes end before the telegram does"))
}

@Test("the table shows which bytes mean what")
func tableOfParts() {
  let lines = table(telegram).split(separator: "\n")
  #expect(lines.contains("    13  1-0:1.8.1(000001.000*kWh)  energy_import_t1"), "\(lines)")
  #expect(lines.contains("  energy_import_t1  1.000 kWh"))
}

@Test("lines of # at the beginning are not a telegram")
func comments() {
  #expect(DecodeInput.telegrams(Array("# a\n# b\n68 03".utf8)) == [0x68, 0x03])
  #expect(DecodeInput.telegrams(Array("# a\n".utf8) + telegram) == telegram)
  #expect(DecodeInput.telegrams(telegram) == telegram)
  #expect(DecodeInput.telegrams(Array("#".utf8)) == [])
}
