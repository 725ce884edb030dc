import Testing

@testable import Base
@testable import HTTP

/// A frame as a client sends it.
private func frame(
  _ opcode: UInt8, _ payload: [UInt8], isLast: Bool = true, mask: [UInt8] = [0x37, 0xFA, 0x21, 0x3D]
) -> [UInt8] {
  var bytes = [(isLast ? 0x80 : 0) | opcode]
  if payload.count <= 125 {
    bytes.append(0x80 | UInt8(payload.count))
  } else {
    bytes += [0x80 | 126, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
  }
  return bytes + mask + payload.enumerated().map { $1 ^ mask[$0 % 4] }
}

private func text(_ text: String, isLast: Bool = true) -> [UInt8] { frame(1, Array(text.utf8), isLast: isLast) }

private func close(_ code: UInt16) -> [UInt8] { [0x88, 2, UInt8(code >> 8), UInt8(code & 0xFF)] }

/// A session whose answer is the message in capitals.
private struct Rig {
  var session = WebSocketSession(now: Instant(milliseconds: 0))
  var messages: [String] = []

  mutating func send(_ bytes: [UInt8], at time: Int64 = 0) {
    var got: [String] = []
    session.take(bytes, now: Instant(milliseconds: time)) { message in
      let text = String(decoding: message, as: UTF8.self)
      got.append(text)
      return text == "quiet" ? nil : Array(text.uppercased().utf8)
    }
    messages += got
  }
}

@Suite("The server's side of a WebSocket") struct WebSocketSessionTests {
  private var rig = Rig()

  @Test("a masked text of the standard is answered without a mask") mutating func standardsExample() {
    // RFC 6455, section 5.7: "Hello", masked.
    rig.send([0x81, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58])
    #expect(rig.messages == ["Hello"])
    #expect(Array(rig.session.output) == [0x81, 5] + Array("HELLO".utf8))
    rig.session.sent(7)
    #expect(rig.session.output.isEmpty && !rig.session.isEnding)
  }

  @Test("frames come in any pieces") mutating func pieces() {
    let long = String(repeating: "x", count: 300)
    for byte in text("one") + text("quiet") + text(long) { rig.send([byte]) }
    #expect(rig.messages == ["one", "quiet", long])
    let answer = Array(rig.session.output)
    #expect(Array(answer.prefix(5)) == [0x81, 3] + Array("ONE".utf8))
    #expect(Array(answer.dropFirst(5).prefix(4)) == [0x81, 126, 1, 44])
  }

  @Test("a message in fragments is one, and a ping between them is answered first") mutating func fragments() {
    rig.send(text("par", isLast: false) + frame(9, [1, 2]) + frame(0, Array("ts".utf8)))
    #expect(rig.messages == ["parts"])
    #expect(Array(rig.session.output) == [0x8A, 2, 1, 2, 0x81, 5] + Array("PARTS".utf8))
  }

  @Test("a close is answered by the same code, and nothing is taken after it") mutating func closing() {
    rig.send(frame(8, [3, 232] + Array("bye".utf8)) + text("late"))
    #expect(rig.messages.isEmpty && rig.session.isEnding)
    #expect(Array(rig.session.output) == close(1000))
  }

  @Test(
    "what a client must not send ends it with the reason",
    arguments: [
      ([0x81, 5] + Array("plain".utf8), 1002), (frame(3, []), 1002), (frame(9, [], isLast: false), 1002),
      (frame(0, [1]), 1002), (text("a", isLast: false) + text("b"), 1002), ([0xC1, 0x80, 0, 0, 0, 0], 1002),
      (frame(9, Array(repeating: 0, count: 126)), 1002), (frame(2, [1]), 1003), (frame(1, [0xFF]), 1007),
      ([0x81, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0], 1009),
      (frame(1, Array(repeating: 65, count: 16_385)), 1009),
    ] as [([UInt8], UInt16)])
  mutating func violations(bytes: [UInt8], code: UInt16) {
    rig.send(bytes)
    #expect(rig.messages.isEmpty && rig.session.isEnding)
    #expect(Array(rig.session.output) == close(code))
  }

  @Test("fragments that never end are cut at the limit") mutating func endlessFragments() {
    rig.send(text("a", isLast: false))
    for _ in 0..<5 { rig.send(frame(0, Array(repeating: 65, count: 4000), isLast: false)) }
    #expect(rig.session.isEnding && Array(rig.session.output) == close(1009))
  }

  @Test("who reads nothing is cut, and no more than two documents wait for him") mutating func deaf() {
    for _ in 0..<10 { rig.send(text(String(repeating: "x", count: 10_000))) }
    #expect(rig.session.isEnding && rig.session.output.isEmpty)
  }

  @Test("a quiet client is pinged, and is gone if it does not answer") mutating func silence() {
    rig.session.pass(now: Instant(milliseconds: 14_999))
    #expect(rig.session.output.isEmpty)
    #expect(rig.session.deadline == Instant(milliseconds: 15_000))
    rig.session.pass(now: Instant(milliseconds: 15_000))
    #expect(Array(rig.session.output) == [0x89, 0])
    rig.session.sent(2)
    rig.send(frame(10, []), at: 20_000)
    rig.session.pass(now: Instant(milliseconds: 49_999))
    #expect(!rig.session.isEnding)
    rig.session.pass(now: Instant(milliseconds: 50_000))
    #expect(rig.session.isEnding)
  }
}
