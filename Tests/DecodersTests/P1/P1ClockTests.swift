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
    #expect(try time("240729120000S", "ISk5\\2MIE5T-200") == "2024-07-29T12:00:00+01:00")
    #expect(try time("240129120000W", "ISk5\\2MIE5E-201") == "2024-01-29T12:00:00+00:00")
    #expect(try time("240129120000W", "ISk5\\2MT382-1000") == "2024-01-29T12:00:00+01:00")
    #expect(try time("240129120000W", "ADN9 7534", utcOffset: 120) == "2024-01-29T12:00:00+02:00")
    #expect(try time("240129120000", utcOffset: -210) == "2024-01-29T12:00:00-03:30")
    #expect(try time("240129120000") == "2024-01-29T12:00:00")
  }

  @Test(
    "a clock that was never set is unknown",
    arguments: [
      "632525252525S", "250000000000W", "000000000000W", "990230120000W", "991130235960W", "230229000000W",
      "700101010000W", "",
    ])
  func neverSet(_ stamp: String) throws {
    let telegram = try P1Builder.telegram("0-0:1.0.0(\(stamp))", "1-0:1.7.0(00.1*kW)")
    #expect(telegram.readings[0].time == nil)
    #expect(telegram.fieldLines() == ["power_import: 100 W"] && telegram.issues.isEmpty)
  }

  @Test("a time that no clock shows is an issue", arguments: ["99113023W", "991130235959s", "991130235959X", "now"])
  func badTimes(_ stamp: String) throws {
    let telegram = try P1Builder.telegram("0-0:1.0.0(\(stamp))", "1-0:1.7.0(00.1*kW)")
    #expect(telegram.readings[0].time == nil && telegram.issues.map(\.code) == [.badTime])
    #expect(telegram.fieldLines() == ["power_import: 100 W"])
  }
}
