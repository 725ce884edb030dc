import Testing

@testable import Decoders

@Suite struct DLMSSignatureTests {
  @Test("an error carries the types of a list") func error() {
    let signature = DLMSSignature(pattern: "o2u4l6zU")
    #expect(DLMSSignature(signature.unknown) == DLMSSignature(pattern: "o2u4l6zU"))
    #expect(DLMSSignature(pattern: "o2u4a").unknown.description.contains("2 octet-string, 4 uint32, 1 array"))
    #expect(DLMSSignature(pattern: "ouououououou").unknown.description.hasSuffix("…"))
  }
}
