internal import Base

extension HTTPResponse {
  /// Whether the client wants a WebSocket (RFC 6455, section 4.2.1).
  package static func isWanted(by request: HTTPRequest) -> Bool {
    request.method == .get && request.headers["upgrade"]?.lowercased() == "websocket"
  }

  /// Turns the connection into a WebSocket (section 4.2.2), or says what the request lacks.
  ///
  /// - Parameters:
  ///   - request: What `isWanted` is true for.
  ///   - sha1: The hash function of that section.
  /// - Returns: 101, or a refusal.
  package static func webSocket(_ request: HTTPRequest, sha1: ([UInt8]) -> [UInt8]?) -> HTTPResponse {
    guard request.headers["sec-websocket-version"] == "13" else {
      return failure(426, "upgrade_required", "WebSockets have version 13 here").with("Sec-WebSocket-Version", "13")
    }
    guard let key = request.headers["sec-websocket-key"], Base64.bytes(key.utf8)?.count == 16,
      let hash = sha1(Array("\(key)258EAFA5-E914-47DA-95CA-C5AB0DC85B11".utf8))
    else { return failure(400, "bad_request", "the WebSocket's key is not one") }
    return HTTPResponse(101, contentType: nil, .webSocket)
      .with("Upgrade", "websocket").with("Sec-WebSocket-Accept", Base64.text(hash))
  }
}
