internal import Base

/// A request and its response while they are under way.
@safe final class Exchange {
  unowned let server: HTTPServer
  /// The library's connection.
  let handle: MicroHTTPD.Handle
  let connection: Connection
  let head: RequestHead
  /// What the access rules say.
  let refusal: HTTPResponse?
  /// The names and values behind the `?`, as written.
  let query: [(name: String, value: String)]
  private(set) var body: [UInt8] = []
  private(set) var isTooLarge = false

  /// What is still to come of the response; nil for one that the library has whole.
  var rest: HTTPResponse.Body?
  /// The part of it that was fetched and not yet sent.
  private var piece: ArraySlice<UInt8> = []
  /// Whether it is an event stream with nothing to say for now. The library does not watch its connection meanwhile.
  var isSuspended = false
  /// When an event stream wrote last.
  var written = Instant.past

  init(
    _ server: HTTPServer, _ handle: MicroHTTPD.Handle, _ connection: Connection, _ head: RequestHead,
    query: [(name: String, value: String)], refusal: HTTPResponse?
  ) {
    self.server = server
    unsafe self.handle = handle
    self.connection = connection
    self.head = head
    self.query = query
    self.refusal = refusal
  }

  /// Whether it is answered before its body comes: nobody knows its end, it is too long, or the client waits for leave to
  /// send what will not be taken.
  var isHopeless: Bool {
    head.ambiguity != nil || head.bodyBytes > Limits.httpReadBytes
      || head["expect"] != nil && (refusal != nil || head.bodyBytes > Limits.httpBodyBytes)
  }

  /// Takes a part of the body. Beyond the limit it is read and forgotten, so that the client reads the refusal.
  func take(_ bytes: some Collection<UInt8>) {
    guard !isTooLarge, body.count + bytes.count <= Limits.httpBodyBytes else {
      isTooLarge = true
      return body = []
    }
    body += bytes
  }

  /// The request; nil if its path or query is not text.
  var request: HTTPRequest? {
    guard let method = HTTPRequest.Method(rawValue: head.method), head.target.hasPrefix("/"),
      let path = percentDecoded(Array(head.target.utf8))
    else { return nil }
    var request = HTTPRequest(method, path)
    for (name, value) in query {
      guard let name = percentDecoded(Array(name.utf8)), let value = percentDecoded(Array(value.utf8)) else {
        return nil
      }
      request.query[name] = value
    }
    for (name, value) in head.headers { request.headers[name] = value }
    request.body = body
    return request
  }

  // MARK: The response

  /// What of the response is ready.
  enum Progress { case bytes, nothingYet, end }

  /// Fetches the next piece if the last one is sent.
  func advance() -> Progress {
    guard piece.isEmpty else { return .bytes }
    switch rest {
    case .pieces(let next):
      while piece.isEmpty {
        guard let new = next() else { return .end }
        piece = new[...]
      }
      return .bytes
    case .events(let next):
      piece = next()[...]
      return piece.isEmpty ? .nothingYet : .bytes
    case .later(let document):
      guard let whole = document() else { return .nothingYet }
      rest = nil
      piece = whole[...]
      return piece.isEmpty ? .end : .bytes
    case .bytes, .webSocket, nil: return .end
    }
  }

  /// Whether it waits for a document of another thread.
  var isLate: Bool { if case .later = rest { true } else { false } }

  /// A comment, so that a client that has left is noticed, and a proxy does not take the stream for dead.
  func keepAlive() { piece = Array(": \n\n".utf8)[...] }

  /// Takes bytes of the piece, at most so many.
  func take(upTo count: Int) -> ArraySlice<UInt8> {
    defer { piece = piece.dropFirst(count) }
    return piece.prefix(count)
  }

  /// Ends an event stream.
  func end() { rest = nil }
}
