internal import Base

/// A frame of a WebSocket (RFC 6455, section 5.2).
///
/// ```
/// F000oooo MLLLLLLL [length 2 or 8] [mask 4] payload
/// ```
/// F ends a message, o is the opcode, M says that there is a mask, L is the length; 126 and 127 say that it follows.
struct WebSocketFrame: Equatable {
  /// Section 11.8; others are not defined.
  enum Opcode: UInt8 { case continuation = 0, text, binary, close = 8, ping, pong }

  var opcode: Opcode
  var isLast = true
  var payload: [UInt8]

  /// As a server sends it, without a mask.
  var bytes: [UInt8] {
    var bytes = [(isLast ? 0x80 : 0) | opcode.rawValue]
    switch payload.count {
    case ...125: bytes.append(UInt8(payload.count))
    case ...0xFFFF:
      bytes.append(126)
      withBigEndian(UInt16(payload.count)) { bytes += $0 }
    default:
      bytes.append(127)
      withBigEndian(UInt64(payload.count)) { bytes += $0 }
    }
    return bytes + payload
  }

  private func withBigEndian(_ number: some FixedWidthInteger, _ take: ([UInt8]) -> Void) {
    take(
      stride(from: number.bitWidth - 8, through: 0, by: -8).map { UInt8(truncatingIfNeeded: number >> $0) })
  }
}

/// Why the server ends a WebSocket (section 7.4.1).
enum WebSocketViolation: UInt16, Error {
  case protocolError = 1002, notText = 1003, notUTF8 = 1007, tooLarge = 1009
}

/// Takes frames apart as a client sends them: each with a mask.
struct WebSocketFrames {
  private var pending: [UInt8] = []

  mutating func append(_ bytes: some Collection<UInt8>) { pending += bytes }

  /// The next whole frame; nil until more bytes come.
  mutating func next() throws(WebSocketViolation) -> WebSocketFrame? {
    guard pending.count >= 2 else { return nil }
    let (first, second) = (pending[0], pending[1])
    // No extension was agreed on, so its bits are 0.
    guard first & 0x70 == 0, second & 0x80 != 0, let opcode = WebSocketFrame.Opcode(rawValue: first & 0x0F) else {
      throw .protocolError
    }
    let isLast = first & 0x80 != 0
    let short = Int(second & 0x7F)
    let isControl = opcode.rawValue >= 8
    guard !isControl || isLast && short <= 125 else { throw .protocolError }
    let lengthBytes = short == 127 ? 8 : short == 126 ? 2 : 0
    let head = 2 + lengthBytes + 4
    guard pending.count >= 2 + lengthBytes else { return nil }
    let length = lengthBytes == 0 ? UInt64(short) : pending[2..<2 + lengthBytes].reduce(0) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(Limits.httpBodyBytes) else { throw .tooLarge }
    guard pending.count >= head + Int(length) else { return nil }
    let mask = Array(pending[head - 4..<head])
    let payload = pending[head..<head + Int(length)].enumerated().map { $1 ^ mask[$0 % 4] }
    pending.removeFirst(head + Int(length))
    return WebSocketFrame(opcode: opcode, isLast: isLast, payload: payload)
  }
}
