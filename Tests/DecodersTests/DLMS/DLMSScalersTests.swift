import Testing

@testable import Decoders

/// A list without scalers, from a maker that names itself.
private struct Habit: Sendable, CustomTestStringConvertible {
  var name: String
  var volts: UInt16
  var lines: [String]
  var testDescription: String { name }
}

@Suite struct DLMSScalersTests {
  @Test(
    "every maker has habits, and a setting counts more",
    arguments: [
      Habit(
        name: "KFM_001", volts: 2322,
        lines: [
          "energy_import: 1.142 kWh", "current_l1: 0.237 A", "voltage_l1: 232.2 V",
          "power_factor: absent unknown_scaler",
        ]),
      Habit(
        name: "Kamstrup_V0001", volts: 232,
        lines: ["energy_import: 11.42 kWh", "current_l1: 2.37 A", "voltage_l1: 232 V", "power_factor: 0.99"]),
      Habit(
        name: "Kamstrup_V0001", volts: 23_221,
        lines: ["energy_import: 11.42 kWh", "current_l1: 2.37 A", "voltage_l1: 232.21 V", "power_factor: 0.99"]),
      Habit(
        name: "?", volts: 2322,
        lines: [
          "energy_import: 1.142 kWh", "current_l1: absent unknown_scaler", "voltage_l1: 232.2 V",
          "power_factor: absent unknown_scaler",
        ]),
    ])
  private func habits(_ habit: Habit) throws {
    let body = AXDR.list(
      AXDR.code(1, 1, 0, 2, 129), AXDR.text(habit.name), AXDR.code(1, 1, 1, 8, 0), AXDR.uint32(1142),
      AXDR.code(1, 1, 31, 7, 0), AXDR.uint16(237), AXDR.code(1, 1, 32, 7, 0), AXDR.uint16(habit.volts),
      AXDR.code(1, 1, 13, 7, 0), AXDR.uint16(99))
    #expect(try DLMSBuilder.lines(body) == habit.lines)
    // The same settled by hand.
    let settled = DLMSBuilder.settings { $0.scalers = [.current: -1, .powerFactor: -2, .voltage: -2] }
    let voltage = FixedDecimal(Int64(habit.volts), exponent: -2)
    #expect(
      try DLMSBuilder.lines(body, settled).suffix(3) == [
        "current_l1: 23.7 A", "voltage_l1: \(voltage) V", "power_factor: 0.99",
      ])
  }

  @Test("a scaler of the telegram counts more than a setting") func telegram() throws {
    let body = AXDR.list(AXDR.code(1, 0, 31, 7, 0), AXDR.uint16(237), AXDR.scaler(-2, 33))
    #expect(try DLMSBuilder.lines(body, DLMSBuilder.settings { $0.scalers = [.current: 0] }) == ["current_l1: 2.37 A"])
  }

  @Test("a profile tells what the telegram does not") func profile() throws {
    let body = AXDR.list(
      AXDR.code(0, 0, 42, 0, 0), AXDR.text("LGZ1030781910790"), AXDR.code(1, 0, 31, 7, 0), AXDR.uint16(2))
    #expect(try DLMSBuilder.lines(body) == ["current_l1: 0.02 A"])
    #expect(
      try DLMSBuilder.lines(body, DLMSBuilder.settings { $0.maker = DLMSMaker(name: "landis_gyr_e570") }) == [
        "current_l1: 2 A"
      ])
  }
}
