import Testing

@testable import Base

private func events(_ bytes: [UInt8], piece: Int) -> [WebSocketMessages.Event] {
  var messages = WebSocketMessages(limit: 100)
  var events: [WebSocketMessages.Event] = []
  for start in stride(from: 0, to: bytes.count, by: piece) {
    messages.append(bytes[start..<min(start + piece, bytes.count)])
    while let event = try? messages.next() { events.append(event) }
  }
  return events
}

private let violatingBytes: [[UInt8]] = [
  WebSocketFrame(opcode: .text, payload: [1]).bytes(mask: 5), [0x82, 0], [0x80, 0], [0xC1, 0], [0x83, 0],
  WebSocketFrame(opcode: .text, payload: Array(repeating: 1, count: 101)).bytes, [0x89, 126, 0, 200],
  [0x81, 127, 255, 255, 255, 255, 255, 255, 255, 255],
]

@Suite("The client's side of a WebSocket") struct WebSocketMessagesTests {
  @Test("messages come whole, in whatever pieces, with control frames in between", arguments: [1, 2, 7, 1000])
  func pieces(piece: Int) {
    let bytes =
      WebSocketFrame(opcode: .text, payload: Array("one".utf8)).bytes
      + WebSocketFrame(opcode: .text, isLast: false, payload: Array("tw".utf8)).bytes
      + WebSocketFrame(opcode: .ping, payload: [7]).bytes
      + WebSocketFrame(opcode: .continuation, payload: Array("o".utf8)).bytes
      + WebSocketFrame(opcode: .close, payload: []).bytes
    #expect(
      events(bytes, piece: piece) == [
        .message(Array("one".utf8)), .answer(WebSocketFrame(opcode: .pong, payload: [7])), .message(Array("two".utf8)),
        .closed,
      ])
  }

  @Test(
    "what breaks the rules, or is too long, ends it",
    arguments: violatingBytes)
  func violations(bytes: [UInt8]) {
    var messages = WebSocketMessages(limit: 100)
    messages.append(bytes)
    #expect(throws: WebSocketViolation.self) { try messages.next() }
  }

  @Test("a client's frame is masked, and the server reads it", arguments: [0, 1, 125, 126, 65_535, 65_536])
  func masked(count: Int) throws {
    let payload = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
    var frames = WebSocketFrames(limit: 1 << 20)
    frames.append(WebSocketFrame(opcode: .text, payload: payload).bytes(mask: 0xDEAD_BEEF))
    #expect(try frames.next() == WebSocketFrame(opcode: .text, payload: payload))
  }
}
