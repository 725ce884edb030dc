import Testing

@testable import Base

@Suite struct WallTimeTests {
  @Test(
    "a time is written in ISO 8601, in any zone and any year",
    arguments: [
      (0, 0, "1970-01-01T00:00:00.000+00:00"),
      (1_795_172_401_250, 60, "2026-11-20T12:00:01.250+01:00"),
      (1_795_172_401_007, -210, "2026-11-20T07:30:01.007-03:30"),
      (-1, 0, "1969-12-31T23:59:59.999+00:00"),
      (253_402_300_800_000, 0, "10000-01-01T00:00:00.000+00:00"),
      (-61_662_297_600_000, 0, "0016-01-01T00:00:00.000+00:00"),
    ] as [(Int64, Int16, String)])
  func text(milliseconds: Int64, offset: Int16, text: String) {
    let time = WallTime(milliseconds: milliseconds, offset: offset)
    #expect(time.description == text)
    #expect(time.local == text.dropLast(6).replacing("T", with: " "))
  }
}
