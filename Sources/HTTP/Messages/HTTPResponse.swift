internal import Base

/// The answer to a request.
package struct HTTPResponse {
  package enum Body {
    case bytes([UInt8])
    /// A long document, made while it is sent: each call returns the next piece, nil behind the last one.
    case pieces(() -> [UInt8]?)
    /// An event stream (HTML standard, section 9.2), open until the client leaves. Each call returns what is new, as
    /// whole events; nothing if nothing is.
    case events(() -> [UInt8])
    /// A document that another thread makes: nil until it is there.
    case later(() -> [UInt8]?)
    /// Nothing: the connection becomes a WebSocket.
    case webSocket
  }

  package var status: Int
  package var contentType: String?
  /// Further headers, as written. The server adds those of safety where they are absent.
  package var headers: [(name: String, value: String)] = []
  package var body: Body

  package init(_ status: Int = 200, contentType: String? = nil, body: [UInt8] = []) {
    self.init(status, contentType: contentType, .bytes(body))
  }

  package init(_ status: Int = 200, contentType: String?, _ body: Body) {
    self.status = status
    self.contentType = contentType
    self.body = body
  }

  /// An event stream.
  package static func events(_ next: @escaping () -> [UInt8]) -> HTTPResponse {
    HTTPResponse(contentType: "text/event-stream; charset=utf-8", .events(next))
  }

  /// A document of JSON.
  package static func json(_ body: [UInt8], status: Int = 200) -> HTTPResponse {
    HTTPResponse(status, contentType: json, body: body)
  }

  /// The type of JSON. With its charset, since some clients guess without.
  package static let json = "application/json; charset=utf-8"

  /// A refusal: `{"error":{"code":"not_found","message":"…"}}`.
  package static func failure(_ status: Int, _ code: String, _ message: String) -> HTTPResponse {
    var json = JSONText()
    json.object {
      $0.object("error") {
        $0.member("code", code)
        $0.member("message", message)
      }
    }
    return .json(json.bytes, status: status)
  }

  /// The same with one more header.
  package func with(_ name: String, _ value: String) -> HTTPResponse {
    var response = self
    response.headers.append((name, value))
    return response
  }

  /// The value of a header; nil without it.
  package subscript(name: String) -> String? {
    headers.first { $0.name.lowercased() == name.lowercased() }?.value
  }
}

extension HTTPResponse {
  /// Whether there may be nothing to send for a while.
  var isUnfinished: Bool {
    switch body {
    case .events, .later: true
    case .bytes, .pieces, .webSocket: false
    }
  }

  /// 304 if the client has this document already (RFC 9110, section 13.1.2), else the response itself.
  func unlessKnown(_ ifNoneMatch: String?) -> HTTPResponse {
    guard status == 200, let tag = self["ETag"], let known = ifNoneMatch else { return self }
    let tags = known.split { $0 == "," || $0 == " " }
    guard tags.contains(where: { $0 == "*" || Self.opaque($0) == Self.opaque(tag[...]) }) else { return self }
    return HTTPResponse(304).with("ETag", tag)
  }

  /// The comparison is weak: `W/"1"` is `"1"`.
  private static func opaque(_ tag: Substring) -> Substring { tag.hasPrefix("W/") ? tag.dropFirst(2) : tag }

  /// Adds what browsers need to keep pages of others, and pages of this server, in their places.
  func hardened() -> HTTPResponse {
    var response = self
    for (name, value) in Self.safety where response[name] == nil { response.headers.append((name, value)) }
    if case .events = body {
      // nginx holds a stream back without it.
      response.headers.append(("X-Accel-Buffering", "no"))
    }
    return response
  }

  private static let safety = [
    ("Content-Security-Policy", "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"),
    ("X-Content-Type-Options", "nosniff"),
    ("Cache-Control", "no-store, no-transform"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
  ]
}
