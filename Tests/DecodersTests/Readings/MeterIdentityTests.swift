import Testing

@testable import Decoders

/// A sample and the maker that its telegram names.
private struct Maker: Sendable, CustomTestStringConvertible {
  var meterProtocol: Sample.MeterProtocol
  var sample: String
  var name: String
  var testDescription: String { "\(meterProtocol)/\(sample)" }
}

@Suite struct MeterIdentityTests {
  @Test(
    "a reading knows who made the meter",
    arguments: [
      Maker(meterProtocol: .mbus, sample: "multical603", name: "KAM"),
      Maker(meterProtocol: .p1, sample: "netherlands-5", name: "ENE"),
      Maker(meterProtocol: .dlms, sample: "kaifa-ma309m", name: "KFM"),
      Maker(meterProtocol: .dlms, sample: "structures", name: "KFM"),
      Maker(meterProtocol: .dlms, sample: "iskraemeco-kelag", name: "ISK"),
      Maker(meterProtocol: .echonet, sample: "identity", name: "000016"),
    ])
  private func maker(_ maker: Maker) throws {
    let sample = try #require(Sample.all(of: maker.meterProtocol).first { $0.name == maker.sample })
    let reading = try #require(sample.decoded(sample.bytes).telegrams.first?.readings.first)
    #expect(reading.manufacturerName == maker.name)
  }
}

@Test("a text of a meter reaches people without what a terminal would obey")
func textsWithMarks() {
  var reading = Reading(meter: MeterIdentity(medium: .electricity))
  let hostile = reading.keep(Array("a\u{202E}b\u{1B}[2J\u{9B}c\u{2066}d".utf8))
  let harmless = reading.keep(Array("20 °C, שלום, нет".utf8))
  #expect(reading.string(hostile) == "ab[2Jcd")
  #expect(reading.string(harmless) == "20 °C, שלום, нет")
}
