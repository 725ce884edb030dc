import Testing

@testable import Decoders

@Suite struct P1DecoderTests {
  @Test("bytes that are not a telegram are an error") func notATelegram() {
    func error(_ text: String) -> DecodeError? {
      var decoder = P1Decoder()
      var telegrams: [Telegram] = []
      let bytes = Array(text.utf8)
      do throws(DecodeError) { try decoder.decode(bytes.span, into: &telegrams) } catch { return error }
      return nil
    }
    #expect(error("") == DecodeError(.truncated, at: 0))
    #expect(error("h") == DecodeError(.badFrame, at: 0, expected: 0x2F, found: 0x68))
    #expect(error("/") == DecodeError(.truncated, at: 1))
    #expect(error("/XYZ5\r\n1-0:1.8.0(1") == DecodeError(.truncated, at: 18))
    #expect(error("/!") == nil)
    #expect(error("/" + String(repeating: "x", count: 70_000))?.code == .tooLong)
  }
}
