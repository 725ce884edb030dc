import Testing

@testable import Decoders

@Suite struct DLMSSignatureTests {
  @Test("an error carries the types of a list") func error() {
    let signature = DLMSSignature(pattern: "o2u4l6zU")
    #expect(DecodeError(unknown: signature).signature == DLMSSignature(pattern: "o2u4l6zU"))
    #expect(
      DecodeError(unknown: DLMSSignature(pattern: "o2u4a")).description.contains("2 octet-string, 4 uint32, 1 array"))
    #expect(DecodeError(unknown: DLMSSignature(pattern: "ouououououou")).description.hasSuffix("…"))
  }
}
