/// A frame of a WebSocket (RFC 6455, section 5.2).
///
/// ```
/// F000oooo MLLLLLLL [length 2 or 8] [mask 4] payload
/// ```
/// F ends a message, o is the opcode, M says that there is a mask, L is the length; 126 and 127 say that it follows.
package struct WebSocketFrame: Equatable, Sendable {
  /// Section 11.8; others are not defined.
  package enum Opcode: UInt8, Sendable { case continuation = 0, text, binary, close = 8, ping, pong }

  package var opcode: Opcode
  package var isLast = true
  package var payload: [UInt8]

  package init(opcode: Opcode, isLast: Bool = true, payload: [UInt8]) {
    self.opcode = opcode
    self.isLast = isLast
    self.payload = payload
  }

  /// As a server sends it, without a mask.
  package var bytes: [UInt8] { head(masked: false) + payload }

  /// As a client sends it.
  ///
  /// - Parameter mask: four bytes that nobody can foresee (section 5.3).
  /// - Returns: head, mask and masked payload.
  package func bytes(mask: UInt32) -> [UInt8] {
    let key = (0..<4).map { UInt8(truncatingIfNeeded: mask >> (24 - 8 * $0)) }
    return head(masked: true) + key + payload.enumerated().map { $1 ^ key[$0 % 4] }
  }

  private func head(masked: Bool) -> [UInt8] {
    let mask: UInt8 = masked ? 0x80 : 0
    var bytes = [(isLast ? 0x80 : 0) | opcode.rawValue]
    switch payload.count {
    case ...125: bytes.append(mask | UInt8(payload.count))
    case ...0xFFFF:
      bytes.append(mask | 126)
      withBigEndian(UInt16(payload.count)) { bytes += $0 }
    default:
      bytes.append(mask | 127)
      withBigEndian(UInt64(payload.count)) { bytes += $0 }
    }
    return bytes
  }

  private func withBigEndian(_ number: some FixedWidthInteger, _ take: ([UInt8]) -> Void) {
    take(
      stride(from: number.bitWidth - 8, through: 0, by: -8).map { UInt8(truncatingIfNeeded: number >> $0) })
  }
}

/// Why a side ends a WebSocket (section 7.4.1).
package enum WebSocketViolation: UInt16, Error {
  case protocolError = 1002, notText = 1003, notUTF8 = 1007, tooLarge = 1009
}

/// Takes the frames of the other side apart. Those of a client have a mask, those of a server do not (section 5.1).
package struct WebSocketFrames: Sendable {
  private var pending: [UInt8] = []
  private let isMasked: Bool
  /// Bytes of a payload.
  private let limit: Int

  package init(isMasked: Bool = true, limit: Int = Limits.httpBodyBytes) {
    self.isMasked = isMasked
    self.limit = limit
  }

  package mutating func append(_ bytes: some Collection<UInt8>) { pending += bytes }

  /// The next whole frame; nil until more bytes come.
  package mutating func next() throws(WebSocketViolation) -> WebSocketFrame? {
    guard pending.count >= 2 else { return nil }
    let (first, second) = (pending[0], pending[1])
    // No extension was agreed on, so its bits are 0.
    guard first & 0x70 == 0, (second & 0x80 != 0) == isMasked,
      let opcode = WebSocketFrame.Opcode(rawValue: first & 0x0F)
    else { throw .protocolError }
    let isLast = first & 0x80 != 0
    let short = Int(second & 0x7F)
    let isControl = opcode.rawValue >= 8
    guard !isControl || isLast && short <= 125 else { throw .protocolError }
    let lengthBytes = short == 127 ? 8 : short == 126 ? 2 : 0
    let head = 2 + lengthBytes + (isMasked ? 4 : 0)
    guard pending.count >= 2 + lengthBytes else { return nil }
    let length = lengthBytes == 0 ? UInt64(short) : pending[2..<2 + lengthBytes].reduce(0) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(limit) else { throw .tooLarge }
    guard pending.count >= head + Int(length) else { return nil }
    var payload = Array(pending[head..<head + Int(length)])
    if isMasked {
      let mask = Array(pending[head - 4..<head])
      for place in payload.indices { payload[place] ^= mask[place % 4] }
    }
    pending.removeFirst(head + Int(length))
    return WebSocketFrame(opcode: opcode, isLast: isLast, payload: payload)
  }
}
