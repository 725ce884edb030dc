import HTTP
import Testing

@Test func aRequestStartsWithoutHeadersAndBody() {
  let request = HTTPRequest(.get, "/api/meters")
  #expect(request.headers.isEmpty && request.body.isEmpty)
}
