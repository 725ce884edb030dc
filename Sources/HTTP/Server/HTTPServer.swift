package import Base
internal import CMicroHTTPD
internal import Glibc
package import Platform

/// A web server on one address, driven by the loop that owns it: it has no thread and never blocks.
///
/// The library's epoll descriptor goes into the loop's poll set, and `service` is called in every round. Both matter: a
/// round that is left out lets pipelined requests and large bodies hang. All callbacks run within `service`.
@safe package final class HTTPServer {
  package let address: ListenAddress
  let library: MicroHTTPD
  private let rules: AccessRules
  private var daemon: MicroHTTPD.Handle?
  private var epoll: Int32 = -1
  private var connections: [ObjectIdentifier: Connection] = [:]
  private var streams: [ObjectIdentifier: Exchange] = [:]
  private var webSockets: [WebSocket] = []
  private var failures: FailureLimit
  private(set) var now: Instant
  private var answer: ((HTTPRequest) -> HTTPResponse)?

  /// Begins to listen.
  ///
  /// - Parameters:
  ///   - address: Where.
  ///   - rules: Which requests reach `answer`.
  ///   - now: The time.
  /// - Throws: What is in the way, and what to do.
  package init(_ address: ListenAddress, _ rules: AccessRules, now: Instant) throws(ListenFailure) {
    guard let library = MicroHTTPD() else { throw .noLibrary }
    self.address = address
    self.library = library
    self.rules = rules
    self.now = now
    failures = FailureLimit(now: now)
    let listening = try address.listen()
    let options = unsafe meterbridge_http_options(
      listening: listening, connections: UInt32(Limits.httpConnections), idle: UInt32(Limits.httpIdle.count / 1000),
      memory: Limits.httpHeadBytes, context: Unmanaged.passUnretained(self).toOpaque(), request: onRequest,
      completed: onCompleted, connection: onConnection)
    guard let started = unsafe library.start(options) else {
      close(listening)
      throw .library(at: address)
    }
    unsafe daemon = started
    epoll = unsafe library.epoll(of: started)
  }

  deinit { stop() }

  /// What to wait for.
  package var interests: [PollInterest] {
    [PollInterest(descriptor: epoll, readiness: .readable)] + webSockets.map(\.interest)
  }

  /// When `service` is due, even if nothing is readable.
  package func deadline(at now: Instant) -> Instant? {
    var deadlines = connections.values.compactMap(\.deadline)
    for exchange in streams.values where exchange.isSuspended {
      deadlines.append(exchange.isLate ? now + Limits.httpLateDocument : exchange.written + Limits.httpHeartbeat)
    }
    deadlines += webSockets.map(\.deadline)
    var wait: UInt64 = 0
    if unsafe library.timeout(daemon, &wait) == .YES { deadlines.append(now + Milliseconds(Int64(clamping: wait))) }
    return deadlines.min()
  }

  /// One round: reads, answers and writes what can be.
  ///
  /// - Parameters:
  ///   - now: The time.
  ///   - answer: Answers a request that the rules let through.
  ///   - messages: Answers a message on a WebSocket; nil for no answer.
  package func service(
    now: Instant, _ answer: @escaping (HTTPRequest) -> HTTPResponse,
    messages: ([UInt8]) -> [UInt8]? = { _ in nil }
  ) {
    self.now = now
    for connection in connections.values where connection.deadline.map({ $0 <= now }) == true { connection.cut() }
    feedStreams()
    self.answer = answer
    _ = unsafe library.run(daemon)
    self.answer = nil
    for socket in webSockets {
      socket.service(now: now, messages)
      if socket.isClosed { _ = unsafe library.upgrade(socket.handle, .UPGRADE_ACTION_CLOSE) }
    }
    webSockets.removeAll(where: \.isClosed)
  }

  /// Ends all connections and listens no more.
  package func stop() {
    guard let daemon = unsafe daemon else { return }
    // The library aborts the program where it is to end a suspended connection.
    for exchange in streams.values where exchange.isSuspended {
      exchange.end()
      unsafe library.resume(exchange.handle)
    }
    // So it does where it is to end a WebSocket.
    for socket in webSockets { _ = unsafe library.upgrade(socket.handle, .UPGRADE_ACTION_CLOSE) }
    webSockets = []
    unsafe library.stop(daemon)
    unsafe self.daemon = nil
  }

  /// Only a stream that gets bytes is resumed: before 1.0.10 the library forgets the others' state.
  private func feedStreams() {
    for exchange in streams.values where exchange.isSuspended {
      if exchange.advance() == .nothingYet {
        guard !exchange.isLate, now >= exchange.written + Limits.httpHeartbeat else { continue }
        exchange.keepAlive()
      }
      exchange.isSuspended = false
      unsafe library.resume(exchange.handle)
    }
  }

  // MARK: What the callbacks do

  func opened(_ handle: MicroHTTPD.Handle) -> Connection {
    let connection = Connection(unsafe library.socket(of: handle), now: now)
    connections[ObjectIdentifier(connection)] = connection
    return connection
  }

  func closed(_ connection: Connection) { connections[ObjectIdentifier(connection)] = nil }

  /// Looks at the head of a request.
  func begin(
    _ handle: MicroHTTPD.Handle, _ connection: Connection, _ head: RequestHead, query: [(name: String, value: String)]
  ) -> Exchange {
    let refusal = rules.refusal(of: head, from: connection.peer, &failures, now: now)
    return unsafe Exchange(self, handle, connection, head, query: query, refusal: refusal)
  }

  /// Hands the response to the library; false if that fails.
  func respond(to exchange: Exchange) -> Bool {
    let response = response(to: exchange).hardened()
    guard let made = unsafe make(response, for: exchange) else { return false }
    defer { unsafe library.destroy(made) }
    if let type = response.contentType { _ = unsafe library.addHeader(made, "Content-Type", type) }
    for (name, value) in response.headers { _ = unsafe library.addHeader(made, name, value) }
    exchange.connection.deadline = now + Limits.httpAnswer
    if case .webSocket = response.body { exchange.connection.deadline = nil }
    if exchange.head.method != "HEAD", response.isUnfinished {
      exchange.connection.deadline = nil
      streams[ObjectIdentifier(exchange)] = exchange
    }
    return unsafe library.queue(exchange.handle, UInt32(response.status), made) == .YES
  }

  /// A response is sent, or its client is gone.
  func completed(_ exchange: Exchange) {
    streams[ObjectIdentifier(exchange)] = nil
    exchange.connection.deadline = now + Limits.httpIdle
  }

  /// A connection has become a WebSocket. The round that is under way serves it.
  func upgraded(_ socket: WebSocket) { webSockets.append(socket) }

  private func response(to exchange: Exchange) -> HTTPResponse {
    if let refusal = exchange.refusal { return refusal }
    if exchange.isTooLarge || exchange.head.bodyBytes > Limits.httpBodyBytes {
      return .failure(413, "too_large", "a body has at most \(Limits.httpBodyBytes) bytes").with("Connection", "close")
    }
    guard let request = exchange.request else {
      return .failure(400, "bad_request", "the path is not text, or has a wrong % in it").with("Connection", "close")
    }
    guard let response = answer?(request) else { return .failure(503, "stopping", "the program ends") }
    switch response.body {
    case .events where streams.count + webSockets.count >= Limits.httpStreams,
      .later where streams.count + webSockets.count >= Limits.httpStreams,
      .webSocket where streams.count + webSockets.count >= Limits.httpStreams:
      return .failure(503, "too_many_streams", "at most \(Limits.httpStreams) event streams at a time; poll instead")
        .with("Retry-After", "60")
    default: break
    }
    return request.method == .post ? response : response.unlessKnown(request.headers["if-none-match"])
  }

  private func make(_ response: HTTPResponse, for exchange: Exchange) -> MicroHTTPD.Handle? {
    if case .webSocket = response.body {
      return unsafe library.responseOfUpgrade(onUpgrade, Unmanaged.passUnretained(self).toOpaque())
    }
    guard case .bytes(var bytes) = response.body else {
      exchange.rest = response.body
      return unsafe library.responseOfReader(
        MicroHTTPD.unknownSize, Limits.httpPieceBytes, onRead, Unmanaged.passRetained(exchange).toOpaque(), onReadEnd)
    }
    return unsafe bytes.withUnsafeMutableBytes {
      unsafe library.responseOfBytes($0.count, $0.baseAddress, .RESPMEM_MUST_COPY)
    }
  }

  /// Copies the next bytes of a response; as `MHD_ContentReaderCallback` returns.
  func read(_ exchange: Exchange, into buffer: UnsafeMutableRawBufferPointer) -> Int {
    switch exchange.advance() {
    case .end: return MicroHTTPD.endOfStream
    case .nothingYet:
      exchange.isSuspended = true
      unsafe library.suspend(exchange.handle)
      return 0
    case .bytes:
      let bytes = exchange.take(upTo: buffer.count)
      unsafe buffer.copyBytes(from: bytes)
      exchange.written = now
      return bytes.count
    }
  }
}
