import Testing

@testable import MQTT

@Test("a broker's words are shown without secrets, controls and marks of direction, and cut")
func brokerWords() {
  #expect(BrokerWords.shown("forbidden by service policy", hiding: "s3cret") == "forbidden by service policy")
  #expect(BrokerWords.shown("user x, password s3cret!", hiding: "s3cret") == "user x, password ***!")
  #expect(BrokerWords.shown("a\u{202E}b\u{1B}[2J\nc", hiding: nil) == "a\u{FFFD}b\u{FFFD}[2J\u{FFFD}c")
  #expect(BrokerWords.shown(String(repeating: "x", count: 5_000), hiding: "")?.count == 200)
  #expect(BrokerWords.shown("", hiding: "s3cret") == nil)
}
