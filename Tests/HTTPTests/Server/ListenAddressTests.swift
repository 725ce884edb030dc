import Testing

@testable import HTTP

@Test("an address is read as it is written", arguments: ["127.0.0.1:8080", "0.0.0.0:80", "[::1]:65535", "[fd00::7]:1"])
func addresses(text: String) {
  #expect(ListenAddress(text)?.description == text)
}

@Test(
  "what is not an address with a port is refused",
  arguments: [
    "", "8080", ":8080", "localhost:8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536",
    "::1:8080", "[::1]", "[127.0.0.1]:80", "127.0.0.1:+80", "1.2.3:80", "127.0.0.1 :80",
  ])
func notAddresses(text: String) {
  #expect(ListenAddress(text) == nil)
}

@Test("only this machine reaches a loopback address")
func loopback() throws {
  for text in ["127.0.0.1:1", "127.8.8.8:1", "[::1]:1"] { #expect(try #require(ListenAddress(text)).isLoopback) }
  for text in ["0.0.0.0:1", "128.0.0.1:1", "[::]:1", "[::ffff:127.0.0.1]:1", "[fe80::1]:1"] {
    #expect(try !#require(ListenAddress(text)).isLoopback)
  }
}

@Test("two listeners cannot have the same port of an address")
func collisions() throws {
  func collide(_ one: String, _ other: String) throws -> Bool {
    let (one, other) = (try #require(ListenAddress(one)), try #require(ListenAddress(other)))
    #expect(one.collides(with: other) == other.collides(with: one))
    return one.collides(with: other)
  }
  #expect(try collide("127.0.0.1:80", "127.0.0.1:80"))
  #expect(try collide("127.0.0.1:80", "0.0.0.0:80"))
  #expect(try collide("0.0.0.0:80", "[::]:80"))
  #expect(try collide("[::]:80", "127.0.0.1:80"))
  #expect(try !collide("127.0.0.1:80", "127.0.0.1:81"))
  #expect(try !collide("127.0.0.1:80", "127.0.0.2:80"))
  #expect(try !collide("0.0.0.0:80", "[::1]:80"))
}
