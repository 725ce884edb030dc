import Testing

@testable import Base

@Test("a length of time is said in one unit, rounded down")
func spokenTimes() {
  let times: [Milliseconds] = [
    0, 999, .seconds(45), .seconds(119), .seconds(120), .minutes(12), .minutes(119), .minutes(120), .minutes(2879),
    .minutes(2880), .minutes(60_000),
  ]
  #expect(
    times.map(\.description) == [
      "0 s", "0 s", "45 s", "119 s", "2 min", "12 min", "119 min", "2 h", "47 h", "2 d", "41 d",
    ])
}

@Test("a time or none is kept in eight bytes")
func possibleInstant() {
  #expect(PossibleInstant(nil).instant == nil)
  for instant in [Instant.past, Instant(milliseconds: -1), Instant(milliseconds: .max)] {
    #expect(PossibleInstant(instant).instant == instant)
  }
  #expect(MemoryLayout<PossibleInstant>.size == 8)
}

@Test("what many do at one time is done at the next whole second")
func roundedTimes() {
  let times = [0, 1, 999, 1_000, 60_300].map { Instant(milliseconds: $0).rounded(upTo: .seconds(1)).milliseconds }
  #expect(times == [0, 1_000, 1_000, 1_000, 61_000])
}
