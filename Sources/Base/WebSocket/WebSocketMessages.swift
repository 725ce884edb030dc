/// The client's side of a WebSocket, without its connection: bytes of the server in, messages and answers out.
///
/// Messages are texts (RFC 6455, section 5.6).
package struct WebSocketMessages: Sendable {
  /// What a frame of the server means.
  package enum Event: Equatable, Sendable {
    case message([UInt8])
    /// A frame to send: the answer to a ping or to a close.
    case answer(WebSocketFrame)
    /// The server ends the connection.
    case closed
  }

  private var frames: WebSocketFrames
  private let limit: Int
  /// The parts of a message that is not whole.
  private var parts: [UInt8]?

  /// - Parameter limit: bytes of a message.
  package init(limit: Int) {
    self.limit = limit
    frames = WebSocketFrames(isMasked: false, limit: limit)
  }

  /// Takes any piece of the stream.
  package mutating func append(_ bytes: some Collection<UInt8>) { frames.append(bytes) }

  /// The next event; nil until more bytes come.
  package mutating func next() throws(WebSocketViolation) -> Event? {
    while let frame = try frames.next() {
      switch frame.opcode {
      case .ping: return .answer(WebSocketFrame(opcode: .pong, payload: frame.payload))
      case .pong: continue
      case .close: return .closed
      case .binary: throw .notText
      case .text, .continuation:
        guard (frame.opcode == .continuation) == (parts != nil) else { throw .protocolError }
        let message = (parts ?? []) + frame.payload
        guard message.count <= limit else { throw .tooLarge }
        parts = frame.isLast ? nil : message
        if frame.isLast { return .message(message) }
      }
    }
    return nil
  }
}
