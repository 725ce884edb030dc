import Foundation
import TestSupport
import Testing

@testable import Base
@testable import Decoders
@testable import Documents
@testable import Publishing

@Suite("The document of the hours") struct HoursDocumentTests {
  private let rows = [
    HourRow(
      device: "grid", level: "energy_import", hour: 498_014, value: FixedDecimal(11270, exponent: -2),
      unit: .kilowattHour, at: WallTime(milliseconds: 1_792_853_999_000), before: FixedDecimal(1127, exponent: -1)),
    HourRow(
      device: "grid", level: "energy_import", hour: 498_016, value: FixedDecimal(2, exponent: -1),
      unit: .kilowattHour, at: WallTime(milliseconds: 1_792_861_199_000), before: FixedDecimal(2, exponent: -1),
      rest: FixedDecimal(9006, exponent: -1), isHeld: true),
  ]

  @Test("as JSON it has the register's own digits") func json() throws {
    let text = String(decoding: HoursDocument.json(rows, meter: "grid"), as: UTF8.self)
    #expect(
      text
        == #"{"meter":"grid","hours":[{"hour":"2026-10-24T14:00:00Z","field":"energy_import","value":112.70,"unit":"kWh","#
        + #""received":"2026-10-24T14:59:59.000+00:00","held":false},"#
        + #"{"hour":"2026-10-24T16:00:00Z","field":"energy_import","value":0.2,"unit":"kWh","#
        + #""received":"2026-10-24T16:59:59.000+00:00","held":true,"exchanged_at":900.6}]}"#)
  }

  @Test("as CSV it has a line for each hour") func csv() {
    let text = String(decoding: HoursDocument.csv(rows), as: UTF8.self)
    #expect(
      text.components(separatedBy: "\r\n") == [
        "hour,field,value,unit,received,held,exchanged_at",
        "2026-10-24T14:00:00Z,energy_import,112.70,kWh,2026-10-24T14:59:59.000+00:00,false,",
        "2026-10-24T16:00:00Z,energy_import,0.2,kWh,2026-10-24T16:59:59.000+00:00,true,900.6", "",
      ])
  }

  @Test("both forms fit the schema that is served") func schema() throws {
    let schema = try Schema(OpenAPIDocument.document())
    #expect(try schema.mistakes(in: HoursDocument.json(rows, meter: "grid"), as: "Hours") == [])
    #expect(try schema.mistakes(in: HoursDocument.json([], meter: "grid"), as: "Hours") == [])
    let wrong = #"{"meter":"grid","hours":[{"hour":1,"field":"a","value":"1","unit":"kWh","received":"","more":1}]}"#
    #expect(try schema.mistakes(in: Array(wrong.utf8), as: "Hours").count >= 4)
    let head = String(decoding: HoursDocument.csv(rows), as: UTF8.self).components(separatedBy: "\r\n")[0]
    let openAPI = String(decoding: OpenAPIDocument.document(), as: UTF8.self)
    for column in head.split(separator: ",") { #expect(openAPI.contains(#""\#(column)":{"type""#), "\(column)") }
  }
}
