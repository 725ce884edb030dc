import Decoders
import Testing
import TestSupport

@testable import Base
@testable import Meters

private func pipeline(hasKey: Bool = true) throws -> MeterPipeline {
  var settings = MeterSettings(id: "water", meterProtocol: .wmbus, source: .standardInput, sourceText: "-")
  settings.key = hasKey ? try MeterKey("5A17C3E02B94D86F01A2735EB9C4480D") : nil
  return MeterPipeline(settings, zone: .utc, devices: [])
}

private func volumes(_ outputs: [MeterOutput]) -> [String] {
  outputs.publications.flatMap(\.fields).filter { $0.field.level == "volume" }.map(\.payload)
}

@Suite struct MeterPipelineWirelessTests {
  @Test("a first total waits for a second one if nothing checks its telegram, also if the meter's key opens it")
  func firstTotals() throws {
    for name in ["plain", "mode5"] {
      let checked = try sampleBytes("wmbus/\(name)")
      let stripped = try AirFrame.stripped(checked)
      var trusting = try pipeline(hasKey: name == "mode5")
      var careful = trusting
      #expect(volumes(trusting.received([checked], now: instant(0), wall: receiptTime)) == ["12.345"], "\(name)")
      let first = careful.received([stripped], now: instant(0), wall: receiptTime)
      #expect(volumes(first).isEmpty && first.letters.isEmpty && first.publications.count == 1, "\(name)")
      #expect(volumes(careful.received([stripped], now: instant(16), wall: receiptTime)) == ["12.345"], "\(name)")
    }
  }

  @Test("of a copy only the signal strength is published, and it is counted")
  func copies() throws {
    var pipeline = try pipeline()
    pipeline.measured(FixedDecimal(-71))
    #expect(pipeline.doubled(wall: receiptTime).isEmpty)
    let outputs = pipeline.received([try sampleBytes("wmbus/mode5")], now: instant(0), wall: receiptTime)
    #expect(outputs.publications[0].fields.contains { $0.field.level == "signal_strength" && $0.payload == "-71" })
    pipeline.measured(FixedDecimal(-83))
    let news = pipeline.doubled(wall: receiptTime).publications
    #expect(news.map { $0.fields.map { "\($0.field.level) \($0.payload)" } } == [["signal_strength -83"]])
    #expect(news.allSatisfy { $0.reading == nil && !$0.isFromTelegram })
    #expect(pipeline.doubled(wall: receiptTime).isEmpty)
    #expect(pipeline.counters.doubled == 3 && pipeline.counters.telegrams == 1)
  }
}
