import Testing

@testable import Decoders

@Suite struct P1ClockTests {
  @Test("a time has the offset of its letter, country or setting") func offsets() throws {
    func time(_ stamp: String, _ identification: String = "XYZ5TEST", utcOffset: Int16? = nil) throws -> String? {
      try P1Builder.telegram("0-0:1.0.0(\(stamp))", identification: identification, utcOffset: utcOffset)
        .readings[0].time?.description
    }
    #expect(try time("240229120000W") == "2024-02-29T12:00:00+01:00")
    #expect(try time("240729120000S") == "2024-07-29T12:00:00+02:00")
    #expect(try time("240729120000S", "ESO5\\VMMmm") == "2024-07-29T12:00:00+03:00")
    #expect(try time("240129120000W", "eso5\\VMMmm") == "2024-01-29T12:00:00+02:00")
    // Iskraemeco's IE.5 is installed in Belgium and in Croatia: the name of a type is no mark of a country.
    #expect(try time("240729120000S", "ISk5\\2MIE5T-200") == "2024-07-29T12:00:00+02:00")
    #expect(try time("240129120000W", "ISk5\\2MIE5E-201") == "2024-01-29T12:00:00+01:00")
    #expect(try time("240129120000W", "ISk5\\2MT382-1000") == "2024-01-29T12:00:00+01:00")
    #expect(try time("240129120000W", "ADN9 7534", utcOffset: 120) == "2024-01-29T12:00:00+02:00")
    #expect(try time("240129120000", utcOffset: -210) == "2024-01-29T12:00:00-03:30")
    #expect(try time("240129120000") == "2024-01-29T12:00:00")
  }

  @Test("a damaged byte in a time is no digit") func damaged() throws {
    for byte in [0x3A, 0x2F, 0x8A, 0xB0, 0xBA, 0xFF] as [UInt8] {
      for place in 0..<12 {
        var line = Array("0-0:1.0.0(250309070511W)".utf8)
        line[10 + place] = byte
        let bytes = Array("/XYZ5TEST\r\n\r\n".utf8) + line + Array("\r\n!".utf8)
        var telegrams: [Telegram] = []
        var decoder = P1Decoder()
        try decoder.decode(bytes.span, into: &telegrams)
        #expect(telegrams[0].readings[0].time == nil && telegrams[0].issues.map(\.code) == [.badTime])
      }
    }
  }

  @Test("a time is read in every notation") func notations() throws {
    func time(_ stamp: String, utcOffset: Int16? = nil) throws -> String? {
      let telegram = try P1Builder.telegram("0-0:1.0.0(\(stamp))", utcOffset: utcOffset)
      #expect(telegram.issues.isEmpty)
      return telegram.readings[0].time?.description
    }
    let moment = "2025-03-09T07:05:11"
    for stamp in [
      "20250309 07:05:11", "25-03-09 07:05:11", "2025-03-09 07:05:11", "2025/03/09 07:05:11", "2025.03.09 07:05:11",
      "2025-03-09T07:05:11", "20250309T070511", "20250309070511", "250309 070511", "250309070511",
      "07E9030907070 50B00800000".filter { $0 != " " }, "07e90309ff07050bff8000ff",
    ] {
      #expect(try time(stamp) == moment)
    }
    for stamp in ["20250309 07:05:11W", "20250309070511W", "2025-03-09T07:05:11+01:00", "07E9030907070 50B00FFC400"] {
      #expect(try time(stamp.replacing("0 5", with: "05")) == moment + "+01:00")
    }
    #expect(try time("2025-03-09 07:05:11-0330") == moment + "-03:30")
    #expect(try time("2025-03-09T07:05:11Z") == moment + "+00:00")
    #expect(try time("2025-03-09 07:05:11", utcOffset: 120) == moment + "+02:00")
    #expect(try time("2025-03-09 07:05") == "2025-03-09T07:05")
    #expect(try time("25-03-09,07:05") == "2025-03-09T07:05")
    #expect(try time("2503090705") == "2025-03-09T07:05")
    #expect(try time("202503090705") == "2025-03-09T07:05")
  }

  @Test("a clock that stands at 2000-01-01 is no time of a value") func lostTime() throws {
    let telegram = try P1Builder.telegram(
      "1-0:1.6.0(000101001500W)(00.000*kW)", "0-1:24.1.0(003)", "0-1:24.2.1(000101010000W)(00012.500*m3)")
    #expect(telegram.fieldLines() == ["demand_import_maximum: absent no_data"])
    #expect(telegram.readings[1].time == nil && telegram.issues.isEmpty)
    #expect(telegram.fieldLines(of: 1) == ["volume: 12.500 m³"])
  }

  @Test(
    "a clock that was never set is unknown",
    arguments: [
      "632525252525S", "250000000000W", "000000000000W", "990230120000W", "991130235960W", "230229000000W",
      "700101010000W", "", "00000000 00:00:00", "0000-00-00 00:00:00", "2024-13-40 25:61", "FFFFFFFFFFFFFFFFFF8000FF",
      "07E9030907070 50B00FFC401".filter { $0 != " " },
    ])
  func neverSet(_ stamp: String) throws {
    let telegram = try P1Builder.telegram("0-0:1.0.0(\(stamp))", "1-0:1.7.0(00.1*kW)")
    #expect(telegram.readings[0].time == nil)
    #expect(telegram.fieldLines() == ["power_import: 100 W"] && telegram.issues.isEmpty)
  }

  @Test(
    "a time that no clock shows is an issue",
    arguments: [
      "99113023W", "991130235959s", "991130235959X", "2401291200:0W", "2/0129120000W", "now", "09-03-2025 07:05",
      "2025-03-09", "2025-03/09 07:05:11",
      "25/03/09 07:05:11", "20250309 07:05:11X", "20250309 07:05:", "07E9030907070 50B00FFC4".filter { $0 != " " },
    ])
  func badTimes(_ stamp: String) throws {
    let telegram = try P1Builder.telegram("0-0:1.0.0(\(stamp))", "1-0:1.7.0(00.1*kW)")
    #expect(telegram.readings[0].time == nil && telegram.issues.map(\.code) == [.badTime])
    #expect(telegram.fieldLines() == ["power_import: 100 W"])
  }
}
