import Base
import Testing

@testable import HTTP

@Test("a client's header is read back by the server")
func headersOfClients() {
  for text in ["", "a", "ab", "abc", "Grüße:ÿ", "meterbridge:secret"] {
    #expect(Base64.bytes(Array(Base64.text(Array(text.utf8)).utf8)) == Array(text.utf8))
  }
  // RFC 7617, section 2.
  #expect(Authorization.basic("Aladdin", Secret("open sesame")) == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")
  #expect(Authorization.bearer(Secret("abc")) == "Bearer abc")
}
