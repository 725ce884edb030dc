import Decoders
import Testing
import TestSupport

@testable import Base
@testable import Meters

private func at(_ seconds: Int64) -> Instant { Instant(milliseconds: seconds * 1000) }

@Suite struct AirSurveyTests {
  @Test("meters are listed once, with interval, level and the way in which they are enciphered")
  func meters() throws {
    var survey = AirSurvey()
    let plain = try sampleBytes("wmbus/plain")
    for second: Int64 in [0, 16, 32, 48] {
      survey.heard(plain, strength: second == 48 ? nil : FixedDecimal(-86 - second), now: at(second))
    }
    for name in ["mode7", "mode5", "session", "diehl-prios", "techem-water"] {
      survey.heard(try sampleBytes("wmbus/\(name)"), strength: nil, now: at(50))
    }
    survey.heard([1, 2, 3], strength: nil, now: at(51))
    let meters = survey.meters
    #expect(survey.damaged == 1)
    let titles = meters.map { "\($0.medium.name) \($0.address.letters)" }
    #expect(titles == titles.sorted())
    // Both telegrams of AQU are of one meter, and the last one is enciphered.
    let water = try #require(meters.first { $0.address.letters == "AQU" })
    #expect(water.protection == .mode(5))
    #expect(water.telegrams == 5)
    #expect(water.strength == FixedDecimal(-118))
    #expect(water.seenInterval == .seconds(16))
    let protections = Dictionary(uniqueKeysWithValues: meters.map { ($0.address.letters, $0.protection) })
    #expect(protections["ESY"] == .mode(7))
    #expect(protections["KAM"] == .session)
    #expect(protections["TCH"] == .plain)
    #expect(meters.filter(\.needsKey).map(\.address.letters).sorted() == ["AQU", "ESY", "KAM"])
  }
}
