import Documents
import Glibc

@testable import Base
@testable import HTTP
@testable import MeterBridge
@testable import Meters
@testable import Platform
@testable import Publishing

/// A web server of the program on a port of the loopback, with a meter in its store.
private final class FuzzedServer {
  private let server: HTTPServer
  private let port: UInt16
  private let routes = Routes(HTTPSettings())
  private var store: MeterStore
  private var now = Instant(milliseconds: 1_000_000)

  init() {
    var status = BrokerStatus(lastStep: now)
    status.isConnected = true
    let started = WallTime(milliseconds: 1_800_000_000_000, offset: 60)
    store = MeterStore(
      bridge: BridgeState(started: started, brokerName: "localhost:1883", baseTopic: "meterbridge", broker: status))
    store.configure([
      MeterSettings(id: "grid", meterProtocol: .p1, source: .standardInput, sourceText: "-")
    ])
    var made: (HTTPServer, UInt16)?
    while made == nil {
      let port = UInt16.random(in: 20_000..<32_768)
      made = (try? HTTPServer(.loopback(port: port), AccessRules(hosts: ["meter.example"], credentials: nil), now: now))
        .map { ($0, port) }
    }
    guard let made else { fatalError("no port") }
    (server, port) = made
  }

  /// Sends a client's bytes, and returns what came back.
  func exchange(_ bytes: [UInt8]) -> [UInt8] {
    let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer {
      close(client)
      // What is still open, an event stream for one, notices now.
      now = now + Limits.httpIdle
      for _ in 0..<3 { round() }
    }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    address.sin_port = port.bigEndian
    let code = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe connect(client, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    // libFuzzer's alarm may interrupt it; on the loopback it is connected nevertheless.
    guard code == 0 || errno == EINTR else { fatalError("connect: \(Errno.last)") }
    _ = unsafe send(client, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    shutdown(client, Int32(SHUT_WR))
    var answer: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    for _ in 0..<64 {
      round()
      let count = unsafe recv(client, &buffer, buffer.count, Int32(MSG_DONTWAIT))
      if count == 0 { break }
      answer += buffer.prefix(max(0, count))
    }
    return answer
  }

  private func round() {
    server.service(now: now) { [self] request in
      precondition(request.path.hasPrefix("/") && request.body.count <= Limits.httpBodyBytes)
      precondition(!request.path.utf8.contains { $0 < 0x20 })
      let wall = WallTime(milliseconds: 1_800_000_000_000, offset: 60)
      switch routes.outcome(of: request, store, now: now, wall: wall) {
      case .response(let response): return response
      case .read(let meter):
        precondition(request.method == .post && !meter.isEmpty)
        return .json([])
      case .snippet, .hours: return .json([])
      case .events:
        var stream = EventStream()
        return .events { [self] in stream.next(store, now: now) }
      }
    }
  }
}

nonisolated(unsafe) private let server = FuzzedServer()

/// A client's bytes: the server answers in HTTP or not at all, and only what passed the checks reaches the routes.
func checkHTTP(_ input: [UInt8]) {
  let answer = unsafe server.exchange(input)
  precondition(answer.isEmpty || answer.starts(with: Array("HTTP/1.".utf8)))
  let text = String(decoding: input, as: UTF8.self)
  if let host = HostName(text) { precondition(!host.name.isEmpty && HostName(host.name) == host) }
  if let bytes = Base64.bytes(input) { precondition(bytes.count <= input.count / 4 * 3) }
  if let decoded = percentDecoded(input) { precondition(decoded.utf8.count <= input.count) }
  _ = ListenAddress(text)
  _ = MetricsFormat(accept: text)
  // Batteries send the same calls by UDP, without a server before them.
  let meter = StoredMeter(Device(id: "grid", medium: .electricity, protocolName: "p1"))
  if case .json(let answer) = ShellyPro3EM(meter).answer(to: input) { requireObject(answer) }
  checkWebSocket(input, now: Instant(milliseconds: 0))
}

/// The bytes as a client's frames: whole or byte by byte the same messages come out, and the same goes back.
private func checkWebSocket(_ input: [UInt8], now: Instant) {
  func play(_ pieces: [[UInt8]]) -> (messages: [[UInt8]], output: [UInt8]) {
    var session = WebSocketSession(now: now)
    var messages: [[UInt8]] = []
    for piece in pieces {
      session.take(piece, now: now) { message in
        precondition(message.count <= Limits.httpBodyBytes)
        messages.append(message)
        return nil
      }
    }
    return (messages, Array(session.output))
  }
  let (whole, bytes) = (play([input]), play(input.map { [$0] }))
  precondition(whole.messages == bytes.messages && whole.output == bytes.output)
}
