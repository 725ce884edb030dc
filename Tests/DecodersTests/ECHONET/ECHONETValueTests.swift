import Testing

@testable import Decoders

private struct Said: Sendable, CustomTestStringConvertible {
  var code: UInt8
  var data: [UInt8]
  var fields: [String]
  var issue: DecodeError.Code?
  var testDescription: String { "\(Hexadecimal.text([code])) \(Hexadecimal.text(data))" }

  init(_ code: UInt8, _ data: [UInt8], _ fields: [String], issue: DecodeError.Code? = nil) {
    self.code = code
    self.data = data
    self.fields = fields
    self.issue = issue
  }
}

private let said: [Said] = [
  Said(0xE7, [0, 0, 3, 0xE8], ["power: 1000 W"]),
  Said(0xE7, [0xFF, 0xFF, 0xFF, 0xFF], ["power: -1 W"]),
  Said(0xE7, [0x80, 0, 0, 1], ["power: -2147483647 W"]),
  Said(0xE7, [0x7F, 0xFF, 0xFF, 0xFD], ["power: 2147483645 W"]),
  Said(0xE7, [0x7F, 0xFF, 0xFF, 0xFE], ["power: absent no_data"]),
  Said(0xE7, [0x7F, 0xFF, 0xFF, 0xFF], ["power: absent overflow"]),
  Said(0xE7, [0x80, 0, 0, 0], ["power: absent underflow"]),
  Said(0xE7, [0, 1, 2], ["power: absent data_error"], issue: .lengthMismatch),
  Said(0xE8, [0, 123, 0xFF, 0x9C], ["current_r: 12.3 A", "current_t: -10.0 A"]),
  Said(0xE8, [0, 7, 0x7F, 0xFE], ["current_r: 0.7 A", "current_t: absent no_data"]),
  Said(0xE8, [0x7F, 0xFF, 0x80, 0], ["current_r: absent overflow", "current_t: absent underflow"]),
  Said(0xE0, ECHONETBuilder.big(12340), ["energy_import: 1234.0 kWh"]),
  Said(0xE0, ECHONETBuilder.big(99_999_999), ["energy_import: 9999999.9 kWh"]),
  Said(0xE0, ECHONETBuilder.big(100_000_000), ["energy_import: absent out_of_range"]),
  Said(0xE3, ECHONETBuilder.big(0), ["energy_export: 0.0 kWh"]),
  Said(0xE3, ECHONETBuilder.big(0xFFFF_FFFE), ["energy_export: absent no_data"]),
  Said(0xE3, ECHONETBuilder.big(0xFFFF_FFFF), ["energy_export: absent out_of_range"]),
  Said(0xEA, ECHONETBuilder.stamp(9, 30) + ECHONETBuilder.big(5), ["energy_import_scheduled: 0.5 kWh"]),
  Said(0xEB, ECHONETBuilder.stamp(9, 30) + ECHONETBuilder.big(6), ["energy_export_scheduled: 0.6 kWh"]),
  Said(0xEA, ECHONETBuilder.stamp(9, 30), ["energy_import_scheduled: absent data_error"], issue: .lengthMismatch),
  Said(
    0xD0, ECHONETBuilder.stamp(9, 31) + ECHONETBuilder.big(70) + ECHONETBuilder.big(8),
    ["energy_import: 7.0 kWh", "energy_export: 0.8 kWh"]),
  Said(0x88, [0x41], ["status: fault"]),
  Said(0x88, [0x42], ["status: ok"]),
  Said(0x80, [0x31], ["status: off"]),
  Said(0x80, [0x30], []),
  Said(0xE1, [0x0E], [], issue: .badUnit),
  Said(0x9F, [3, 0x80, 0x81], [], issue: .lengthMismatch),
  Said(0xC0, Array(repeating: 1, count: 16), []),
  Said(0xF0, [1, 2, 3], []),
]

@Suite struct ECHONETValueTests {
  @Test("every property becomes its fields", arguments: said)
  private func properties(_ said: Said) throws {
    let telegram = try #require(try ECHONETBuilder.telegram(ECHONETBuilder.frame(said.code, said.data)))
    #expect(telegram.fieldLines() == said.fields)
    #expect(telegram.issues.map(\.code) == [said.issue].compactMap(\.self))
  }

  @Test("random data of any property traps nothing") func random() throws {
    var random = SystemRandomNumberGenerator()
    for code in UInt8.min...UInt8.max {
      for length in [1, 2, 3, 4, 7, 11, 12, 15, 16, 17, 23, 194] {
        let data = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
        for source in [ECHONETObject.meter, .nodeProfile, .controller] {
          #expect(try ECHONETBuilder.telegram(ECHONETBuilder.frame(.getResponse, [(code, data)], from: source)) != nil)
        }
      }
    }
  }
}
