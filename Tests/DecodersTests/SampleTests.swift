import Testing

@testable import Decoders

/// Every file of `Tests/Samples` is a telegram of some meter, and goes through all that can happen to it on a line.
@Suite struct SampleTests {
  @Test("every protocol has samples", arguments: Sample.MeterProtocol.allCases)
  func samplesAreThere(_ meterProtocol: Sample.MeterProtocol) { #expect(Sample.all(of: meterProtocol).count >= 10) }

  @Test("a sample is written as docs/ADDING-A-METER.md says", arguments: Sample.all)
  func grammar(_ sample: Sample) {
    #expect(sample.mistakes == [])
    #expect(!sample.bytes.isEmpty)
  }

  @Test("the P1 sample of docs/ADDING-A-METER.md decodes to what it says")
  func page() throws {
    let blocks = try text(of: "docs/ADDING-A-METER.md").split(separator: "```\n")
    let block = try #require(blocks.first { $0.contains("text: /") })
    try decodes(Sample(.p1, name: "ADDING-A-METER", text: String(block)))
  }

  @Test("a sample decodes to what it says, digit for digit", arguments: Sample.all)
  func decodes(_ sample: Sample) throws {
    let decoded = sample.decoded(sample.bytes)
    let telegram = try #require(decoded.telegrams.first, "\(decoded.errors)")
    #expect(decoded.errors == [])
    // The telegram of an enciphered P1 frame is its text.
    if telegram.content is P1Content, sample.settings.key != nil {
    } else {
      #expect(telegram.wire == sample.frame)
    }
    let readings = telegram.readings.map(\.lines)
    #expect(readings.map { $0.sorted() } == sample.readings.map { $0.sorted() }, "\(readings)")
    #expect(telegram.issues.map(\.code.name).sorted() == sample.issues.sorted())
  }

  @Test("a sample is one telegram, whole and a byte at a time", arguments: Sample.all)
  func pieces(_ sample: Sample) { sample.verifyPieces() }

  @Test("a sample is found between its neighbours", arguments: Sample.all)
  func neighbours(_ sample: Sample) { sample.verifyNeighbours() }

  @Test("a sample cut at any length is not another telegram", arguments: Sample.all)
  func cuts(_ sample: Sample) { sample.verifyCuts() }

  @Test("a sample with a flipped byte is an error where a check value covers it", arguments: Sample.all)
  func flips(_ sample: Sample) { sample.verifyFlips() }

  @Test("any content behind a good check value traps nothing and shares no topic", arguments: Sample.all)
  func content(_ sample: Sample) { sample.verifyContent() }
}
