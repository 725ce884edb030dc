import Base
import Decoders
import Publishing
import Testing

@testable import Meters

/// 2026-10-24 14:00 UTC, as an hour.
private let two: Int64 = 498_014

private func publication(
  _ minute: Int64, _ register: String, serial: String? = nil, held: [String] = [], second: Int64 = 0
) -> Publication {
  let device = Device(id: "grid", serial: serial, medium: .electricity, protocolName: "p1")
  let fields =
    register.isEmpty
    ? []
    : [
      PublishedField(
        field: FieldDescription(
          level: "energy_import", key: FieldKey(.energyImport), unit: .kilowattHour, isNumber: true), payload: register),
      PublishedField(
        field: FieldDescription(level: "power", key: FieldKey(.power), unit: .watt, isNumber: true), payload: "230"),
    ]
  let time = two * WallTime.hourLength + minute * 60_000 + second * 1000
  return Publication(device: device, fields: fields, received: WallTime(milliseconds: time), held: held)
}

private func words(_ row: HourRow) -> String {
  let rest = row.rest.map { " <\($0)" } ?? ""
  return "\(row.device) \(row.level) \(row.hour - two) \(row.value) \(row.unit.symbol) ~\(row.before)\(rest)"
    + (row.isHeld ? " held" : "")
}

@Suite("The registers of the hours") struct HourBookTests {
  private var book = HourBook()

  private mutating func rows(atMinute minute: Int64) -> [String] {
    book.close(at: WallTime(milliseconds: two * WallTime.hourLength + minute * 60_000)).map(words)
  }

  @Test("an hour has its last register, with its own digits, and is told once") mutating func lastRegister() {
    book.take(publication(1, "112.10"))
    book.take(publication(59, "112.70"))
    #expect(rows(atMinute: 59).isEmpty)
    #expect(rows(atMinute: 60) == ["grid energy_import 0 112.70 kWh ~112.70"])
    #expect(rows(atMinute: 61).isEmpty)
  }

  @Test("a register of the next hour does not count for this one") mutating func nextHour() {
    book.take(publication(59, "112.70"))
    book.take(publication(60, "112.71"))
    #expect(rows(atMinute: 60) == ["grid energy_import 0 112.70 kWh ~112.70"])
    #expect(rows(atMinute: 120) == ["grid energy_import 1 112.71 kWh ~112.71"])
  }

  @Test("an hour without a telegram gets no row") mutating func silence() {
    book.take(publication(1, "112.10"))
    _ = rows(atMinute: 60)
    #expect(rows(atMinute: 120).isEmpty)
    book.take(publication(121, "115"))
    #expect(rows(atMinute: 180) == ["grid energy_import 2 115 kWh ~115"])
  }

  @Test("what Home Assistant may lack at the end of the hour is known") mutating func lastSeconds() {
    book.take(publication(59, "112.70", second: 44))
    book.take(publication(59, "112.74", second: 58))
    #expect(rows(atMinute: 60) == ["grid energy_import 0 112.74 kWh ~112.70"])
    // The only register of the hour came too late.
    book.take(publication(119, "113", second: 59))
    #expect(rows(atMinute: 120) == ["grid energy_import 1 113 kWh ~112.74"])
  }

  @Test("with a longer min_interval Home Assistant may lack more") mutating func longInterval() {
    book.take(publication(50, "112.70"), margin: .minutes(5))
    book.take(publication(57, "112.74"), margin: .minutes(5))
    #expect(rows(atMinute: 60) == ["grid energy_import 0 112.74 kWh ~112.70"])
  }

  @Test("an hour whose last value is held back says so") mutating func held() {
    book.take(publication(1, "112.10"))
    book.take(publication(2, "", held: ["energy_import"]))
    #expect(rows(atMinute: 60) == ["grid energy_import 0 112.10 kWh ~112.10 held"])
    book.take(publication(61, "112.20"))
    #expect(rows(atMinute: 120) == ["grid energy_import 1 112.20 kWh ~112.20"])
  }

  @Test("the last register of an exchanged meter is kept") mutating func exchange() {
    book.take(publication(1, "900.4", serial: "A"))
    book.take(publication(20, "900.6", serial: "A"))
    book.take(publication(30, "0.1", serial: "B"))
    book.take(publication(40, "0.2", serial: "B"))
    #expect(rows(atMinute: 60) == ["grid energy_import 0 0.2 kWh ~0.2 <900.6"])
    book.take(publication(61, "0.3", serial: "B"))
    #expect(rows(atMinute: 120) == ["grid energy_import 1 0.3 kWh ~0.3"])
  }

  @Test("a fall that was accepted is an exchange too, and a used meter shows by its number") mutating func falls() {
    book.take(publication(1, "900.4"))
    book.take(publication(30, "0.1"))
    #expect(rows(atMinute: 60) == ["grid energy_import 0 0.1 kWh ~0.1 <900.4"])
    book.take(publication(61, "0.2", serial: "B"))
    book.take(publication(62, "5000", serial: "C"))
    #expect(rows(atMinute: 120) == ["grid energy_import 1 5000 kWh ~5000 <0.2"])
  }

  @Test("at the end of the program the hour so far is written, and again when it goes on") mutating func end() {
    book.take(publication(1, "112.10"))
    #expect(book.close(at: nil).map(words) == ["grid energy_import 0 112.10 kWh ~112.10"])
    book.take(publication(2, "112.20"))
    #expect(rows(atMinute: 60) == ["grid energy_import 0 112.20 kWh ~112.20"])
  }
}
