import Testing

@testable import Decoders

@Suite struct DLMSCipherTests {
  @Test("a cipher shows nothing of its keys") func hidden() {
    let cipher = DLMSCipher(authenticationKey: DLMSBuilder.authenticationKey) { _, _, _, _ in true }
    #expect("\(cipher)" == "(hidden)")
    var text = ""
    dump(DLMSBuilder.decoder(authenticationKey: [0xD0, 0xD1]), to: &text)
    #expect(!text.contains("208"))
    #expect(!text.contains("0xD0"))
  }
}
