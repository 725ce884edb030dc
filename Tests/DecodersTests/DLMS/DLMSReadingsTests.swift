import Testing

@testable import Decoders

@Suite struct DLMSReadingsTests {
  @Test("numbers of every type are read") func numbers() throws {
    func value(_ value: [UInt8], _ scaler: Int8 = 0) throws -> String {
      try DLMSBuilder.lines(AXDR.list(AXDR.code(1, 0, 16, 7, 0), value, AXDR.scaler(scaler, 27)))[0]
    }
    #expect(try value([0x05, 0xFF, 0xFF, 0xFB, 0x2E]) == "power: -1234 W")
    #expect(try value([0x14] + [UInt8](repeating: 0xFF, count: 8)) == "power: -1 W")
    #expect(try value([0x15] + AXDR.big(9_223_372_036_854_775_807, 8)) == "power: 9223372036854775807 W")
    #expect(try value([0x15] + [UInt8](repeating: 0xFF, count: 8)) == "power: absent out_of_range")
    #expect(try value([0x0F, 0x80]) == "power: -128 W")
    #expect(try value([0x11, 0xFF]) == "power: 255 W")
    #expect(try value([0x17] + AXDR.big(UInt64(Float(235.25).bitPattern), 4)) == "power: 235.25 W")
    #expect(try value([0x18] + AXDR.big((-0.5).bitPattern, 8)) == "power: -0.5 W")
    #expect(try value([0x17, 0x7F, 0xC0, 0, 0]) == "power: absent not_a_number")
    #expect(try value([0x0D, 0x42]) == "power: 42 W")
    #expect(try value([0x0D, 0x4A]) == "power: absent out_of_range")
    #expect(try value(AXDR.uint16(5), 3) == "power: 5000 W")
    #expect(try value(AXDR.uint16(5), 127) == "power: absent out_of_range")
    #expect(try value(AXDR.uint16(5), -128) == "power: absent out_of_range")
    #expect(try value(AXDR.text("5")) == "power: absent not_a_number")
    #expect(
      try DLMSBuilder.lines(AXDR.list(AXDR.code(1, 0, 16, 7, 0), AXDR.uint16(5), AXDR.scaler(0, 35))) == [
        "power: absent data_error"
      ])
  }

  @Test("a value without a name is shown under its code") func unknownCodes() throws {
    let body = AXDR.list(
      AXDR.code(1, 0, 99, 9, 9), AXDR.uint16(7), AXDR.code(1, 0, 99, 9, 8), AXDR.uint16(7), AXDR.scaler(0, 30),
      AXDR.code(0, 0, 96, 50, 0), AXDR.text("a"), AXDR.code(1, 0, 1, 7, 0), AXDR.uint16(1))
    #expect(
      try DLMSBuilder.lines(body) == [
        "obis_1_0_99_9_9: 7", "obis_1_0_99_9_8: 0.007 kWh", "obis_0_0_96_50_0: a", "power_import: 1 W",
      ])
  }

  @Test("a meter behind the meter without a unit is a number under its code") func subMeterWithoutUnit() throws {
    let body = AXDR.list(
      AXDR.code(1, 0, 1, 7, 0), AXDR.uint16(1), AXDR.code(0, 1, 24, 2, 1), AXDR.uint32(30_500),
      AXDR.code(0, 2, 24, 2, 1), AXDR.uint32(1234), AXDR.scaler(-3, 13))
    let readings = try DLMSBuilder.decode(DLMSBuilder.notification(body)).get().readings
    #expect(readings.map(\.fieldLines) == [["power_import: 1 W", "obis_0_1_24_2_1: 30500"], ["volume: 1.234 m³"]])
  }

  @Test("codes that differ in F alone have fields of their own") func codesOfOtherPeriods() throws {
    func voltage(_ f: UInt8, _ value: UInt16) -> [[UInt8]] {
      [AXDR.octets([1, 0, 51, 7, 3, f]), AXDR.uint16(value), AXDR.scaler(0, 35)]
    }
    let body = AXDR.structure(
      [AXDR.code(1, 0, 1, 7, 0), AXDR.uint16(1)] + voltage(255, 7) + voltage(0, 8) + voltage(1, 9))
    // 1 to 126 are billing periods.
    #expect(
      try DLMSBuilder.lines(body) == [
        "power_import: 1 W", "obis_1_0_51_7_3: 7 V", "obis_1_0_51_7_3_2: 8 V", "obis_1_0_51_7_3_s1: 9 V",
      ])
  }

  @Test("an angle beyond a full turn is out of range") func angles() throws {
    let body = AXDR.list(
      AXDR.code(1, 0, 81, 7, 40), AXDR.uint16(400), AXDR.scaler(0, 8), AXDR.code(1, 0, 81, 7, 51), AXDR.uint16(3),
      AXDR.scaler(0, 8))
    #expect(try DLMSBuilder.lines(body) == ["phase_angle_l1: absent out_of_range", "phase_angle_l2: 3 °"])
  }

  @Test("the clock of the list comes before that of the notification") func clock() throws {
    func time(_ clock: [UInt8], _ settings: DLMSDecoder.Configuration = .init()) throws -> String? {
      let body = AXDR.list(AXDR.code(0, 1, 1, 0, 0), AXDR.octets(clock), AXDR.code(1, 0, 1, 7, 0), AXDR.uint16(1))
      return try DLMSBuilder.decode(DLMSBuilder.notification(body), settings).get().readings[0].time?.description
    }
    #expect(try time(AXDR.moment(2023, 1, 2, 3, 4, 5, deviation: -120)) == "2023-01-02T03:04:05+02:00")
    // No calendar has it: the notification's time is left.
    #expect(try time(AXDR.moment(2023, 2, 30, 3, 4, 5)) == "2022-11-20T19:03:40+01:00")
    // The meter itself does not believe it.
    #expect(try time(AXDR.moment(2000, 1, 1, 0, 0, 0, status: 1)) == nil)
    #expect(
      try time(AXDR.moment(2023, 1, 2, 3, 4, 5, deviation: .min), DLMSBuilder.settings { $0.utcOffset = 120 })
        == "2023-01-02T03:04:05+02:00")
  }

  @Test("a deviation of 0 from Aidon is unknown") func aidon() throws {
    func time(_ list: String) throws -> String? {
      let body = AXDR.list(
        AXDR.code(1, 1, 0, 2, 129), AXDR.visible(list), AXDR.code(0, 0, 1, 0, 0),
        AXDR.octets(AXDR.moment(2025, 12, 14, 16, 0, 0, deviation: 0)), AXDR.code(1, 0, 1, 7, 0), AXDR.uint16(1))
      return try DLMSBuilder.decode(DLMSBuilder.notification(time: nil, body)).get().readings[0].time?.description
    }
    #expect(try time("AIDON_V0001") == "2025-12-14T16:00:00")
    #expect(try time("OTHER_V0001") == "2025-12-14T16:00:00+00:00")
  }

  @Test("an invalid clock costs nothing else") func invalidClock() throws {
    let body = AXDR.list(
      AXDR.code(0, 0, 1, 0, 0), AXDR.octets(AXDR.moment(2022, 13, 40, 25, 61, 0)), AXDR.code(1, 0, 1, 7, 0),
      AXDR.uint32(472), AXDR.scaler(0, 27))
    let telegram = try DLMSBuilder.decode([0x0F, 0, 0, 0, 1, 0] + body).get()
    #expect(telegram.readings[0].time == nil)
    #expect(telegram.readings[0].fieldLines == ["power_import: 472 W"])
  }

  @Test("a power that no house has is out of range where no tag vouches for it") func absurdPower() throws {
    let absurd = DLMSBuilder.kaifa(power: 0x8000_01D8)
    for (security, isValue) in [(0x20, false), (0x30, true)] as [(UInt8, Bool)] {
      let decoder = DLMSBuilder.decoder(authenticationKey: isValue ? DLMSBuilder.authenticationKey : nil)
      let sealed = DLMSBuilder.seal(absurd, counter: 1, security: security)
      let reading = try #require(decodeAll([.frame(sealed)], decoder).telegrams.first?.readings.first)
      let power = try #require(reading.fields.first { $0.key == FieldKey(.powerImport) })
      #expect((power.value != .absent(.outOfRange)) == isValue)
      #expect(reading.fields.count == 11)
    }
  }
}
