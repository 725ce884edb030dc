internal import Base

/// The server's side of a WebSocket, without its connection: bytes and time in, bytes out.
///
/// Messages are texts (RFC 6455, section 5.6). Each is answered before the next is looked at.
struct WebSocketSession {
  /// What is to be sent. Whoever lets more than `Limits.httpBodyBytes` of it wait does not read, and is cut.
  private(set) var output: ArraySlice<UInt8> = []
  /// Whether nothing more is taken: all that is left is to send the output.
  private(set) var isEnding = false
  private var frames = WebSocketFrames()
  /// The parts of a message that is not whole.
  private var parts: [UInt8]?
  private var heard: Instant
  private var pinged: Instant

  init(now: Instant) { (heard, pinged) = (now, now) }

  /// When `pass` is due.
  var deadline: Instant { min(pinged + Limits.httpHeartbeat, heard + Limits.httpSilence) }

  /// Takes what the client sent.
  ///
  /// - Parameters:
  ///   - bytes: Any piece of the stream.
  ///   - now: The time.
  ///   - answer: The answer to a message; nil for none.
  mutating func take(_ bytes: some Collection<UInt8>, now: Instant, _ answer: ([UInt8]) -> [UInt8]?) {
    heard = now
    frames.append(bytes)
    do throws(WebSocketViolation) {
      while !isEnding, let frame = try frames.next() { try take(frame, answer) }
    } catch {
      end(error.rawValue)
    }
  }

  /// Time passes: a client that answers no ping is gone.
  mutating func pass(now: Instant) {
    if now >= heard + Limits.httpSilence { return isEnding = true }
    guard now >= pinged + Limits.httpHeartbeat, !isEnding else { return }
    pinged = now
    send(.ping, [])
  }

  /// So many bytes of the output are sent.
  mutating func sent(_ count: Int) { output = output.dropFirst(count) }

  private mutating func take(
    _ frame: WebSocketFrame, _ answer: ([UInt8]) -> [UInt8]?
  ) throws(WebSocketViolation) {
    switch frame.opcode {
    case .ping: send(.pong, frame.payload)
    case .pong: break
    case .close:
      // The same code goes back (section 5.5.1).
      send(.close, Array(frame.payload.prefix(2)))
      isEnding = true
    case .binary: throw .notText
    case .text, .continuation:
      guard (frame.opcode == .continuation) == (parts != nil) else { throw .protocolError }
      let message = (parts ?? []) + frame.payload
      guard message.count <= Limits.httpBodyBytes else { throw .tooLarge }
      parts = frame.isLast ? nil : message
      guard frame.isLast else { return }
      guard String(validating: message, as: UTF8.self) != nil else { throw .notUTF8 }
      if let answer = answer(message) { send(.text, answer) }
    }
  }

  private mutating func send(_ opcode: WebSocketFrame.Opcode, _ payload: [UInt8]) {
    output += WebSocketFrame(opcode: opcode, payload: payload).bytes
    if output.count > Limits.httpBodyBytes * 2 { (output, isEnding) = ([], true) }
  }

  private mutating func end(_ code: UInt16) {
    send(.close, [UInt8(code >> 8), UInt8(truncatingIfNeeded: code)])
    isEnding = true
  }
}
