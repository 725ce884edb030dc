import Testing

@testable import Decoders

private struct Line: Sendable, CustomTestStringConvertible {
  var testDescription: String
  var maker: String?
  var model: String
}

@Suite struct P1IdentificationTests {
  @Test(
    "the first line has the letters of the maker and the model",
    arguments: [
      Line(testDescription: "Ene5\\XT300 ESMR 5.0", maker: "ENE", model: "XT300 ESMR 5.0"),
      Line(testDescription: "ADN9 6534", maker: "ADN", model: "6534"),
      Line(testDescription: "ESY5Q3DA9999 V9.99", maker: "ESY", model: "Q3DA9999 V9.99"),
      Line(testDescription: "NWA-WARMTELINK", maker: "NWA", model: "WARMTELINK"),
      Line(testDescription: "1SK5\\X", maker: nil, model: "X"),
    ])
  private func makerAndModel(_ line: Line) {
    let telegram = Array("/\(line.testDescription)\r\n".utf8)
    let identification = P1Identification(telegram.span)
    #expect(MeterIdentity.letters(identification.manufacturer) == line.maker)
    #expect(String(decoding: telegram[identification.model.indices], as: UTF8.self) == line.model)
  }
}
