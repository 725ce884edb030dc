internal import Base
internal import HTTP
internal import Meters
internal import Platform
internal import Publishing

/// A signed-in connection to Home Assistant's WebSocket API (developers.home-assistant.io, "WebSocket API").
///
/// Each call blocks its thread until the answer is there.
struct HomeAssistantConnection: HomeAssistantLink {
  private let pipe: RawConnection
  private var messages = WebSocketMessages(limit: Limits.homeAssistantBytes)
  private var lastID = 0
  private(set) var version = HomeAssistantSettings.Version(year: 2025, month: 4)

  /// Connects and signs in.
  init(
    _ address: HomeAssistantAddress, token: Secret, authorityFile: String?
  ) throws(HomeAssistantTrouble) {
    do throws(RawConnection.Failure) {
      pipe = try RawConnection(
        url: address.connection, authorityFile: authorityFile, patience: Limits.homeAssistantAnswer)
    } catch {
      throw .unreachable(error.words)
    }
    try upgrade(address)
    try signIn(token)
  }

  // MARK: The handshake

  /// The HTTP request that makes the connection a WebSocket (RFC 6455, section 4.1).
  private mutating func upgrade(_ address: HomeAssistantAddress) throws(HomeAssistantTrouble) {
    let key = Base64.text((0..<16).map { _ in UInt8.random(in: 0 ... .max) })
    let deadline = Clock.now() + Limits.homeAssistantAnswer
    try send(
      Array(
        """
        GET \(address.path) HTTP/1.1\r
        Host: \(address.authority)\r
        Upgrade: websocket\r
        Connection: Upgrade\r
        Sec-WebSocket-Key: \(key)\r
        Sec-WebSocket-Version: 13\r
        User-Agent: meterbridge/\(Version.text)\r
        \r\n
        """.utf8), before: deadline)
    var head: [UInt8] = []
    while true {
      head += try receive(before: deadline)
      if let end = head.firstRange(of: Array("\r\n\r\n".utf8)) {
        messages.append(head[end.upperBound...])
        head = Array(head[..<end.lowerBound])
        break
      }
      guard head.count <= Limits.httpBodyBytes else { throw .unreachable("its answer is not that of a web server") }
    }
    let lines: [Substring] = String(decoding: head, as: UTF8.self).split { $0 == "\r\n" }
    let status = lines.first?.split(separator: " ").dropFirst().first ?? ""
    guard status == "101" else {
      throw .unreachable(
        "it does not open a WebSocket at \(address.path) (status \(status.prefix(3))); is that Home Assistant?")
    }
    var accept = ""
    for line in lines where line.lowercased().hasPrefix("sec-websocket-accept:") {
      accept = String(line.drop { $0 != ":" }.dropFirst().filter { $0 != " " })
    }
    guard let hash = SHA1.digest(Array("\(key)258EAFA5-E914-47DA-95CA-C5AB0DC85B11".utf8)),
      accept == Base64.text(hash)
    else { throw .unreachable("its handshake is not that of a WebSocket") }
  }

  private mutating func signIn(_ token: Secret) throws(HomeAssistantTrouble) {
    let command = "auth"
    let deadline = Clock.now() + Limits.homeAssistantAnswer
    while true {
      let message = try next(before: deadline)
      guard let parts = JSONMembers.split(message) else { throw .unreadable(command: command) }
      func text(_ name: String) -> String? { parts.first { $0.name == name }?.value.jsonText }
      if let told = text("ha_version") { version = HomeAssistantSettings.Version(told) ?? version }
      switch text("type") {
      case "auth_required":
        var json = JSONText()
        json.object {
          $0.member("type", "auth")
          $0.member("access_token", token.reveal)
        }
        try send(text: json.bytes, before: deadline)
      case "auth_ok": return
      case "auth_invalid": throw .unauthorized
      default: throw .unreadable(command: command)
      }
    }
  }

  // MARK: Commands

  mutating func ask(
    _ type: String, _ members: (inout JSONText) -> Void
  ) throws(HomeAssistantTrouble) -> [UInt8] {
    // Home Assistant refuses ids that do not grow.
    lastID += 1
    let id = lastID
    var json = JSONText()
    json.object { json in
      json.member("id", id)
      json.member("type", type)
      members(&json)
    }
    let deadline = Clock.now() + Limits.homeAssistantAnswer
    try send(text: json.bytes, before: deadline)
    while true {
      guard let parts = JSONMembers.split(try next(before: deadline)) else { throw .unreadable(command: type) }
      func value(_ name: String) -> [UInt8]? { parts.first { $0.name == name }?.value }
      guard let answered = value("id"), answered.elementsEqual("\(id)".utf8) else { continue }
      guard value("type")?.jsonText == "result", let success = value("success") else { continue }
      if success.elementsEqual("true".utf8) { return value("result") ?? [] }
      let error = value("error").flatMap { JSONMembers.split($0) } ?? []
      func word(_ name: String) -> String {
        onOneLine((error.first { $0.name == name }?.value.jsonText ?? "").unicodeScalars.prefix(200))
      }
      throw .refused(command: type, code: word("code"), message: word("message"))
    }
  }

  mutating func pause(_ time: Milliseconds) throws(HomeAssistantTrouble) {
    let deadline = Clock.now() + time
    // Pings are answered in between.
    while Clock.now() < deadline { _ = try event(before: deadline) }
  }

  // MARK: Messages

  private mutating func next(before deadline: Instant) throws(HomeAssistantTrouble) -> [UInt8] {
    while true {
      if let message = try event(before: deadline) { return message }
      guard Clock.now() < deadline else { throw .unreachable("it does not answer in time") }
    }
  }

  /// The next message; nil if none has come in time.
  private mutating func event(before deadline: Instant) throws(HomeAssistantTrouble) -> [UInt8]? {
    while true {
      let event: WebSocketMessages.Event?
      do throws(WebSocketViolation) { event = try messages.next() } catch {
        throw .unreachable("it breaks the rules of WebSockets (\(error.rawValue))")
      }
      switch event {
      case .message(let message): return message
      case .answer(let frame): try send(frame, before: deadline + .seconds(1))
      case .closed: throw .unreachable("it has closed the connection")
      case nil:
        let bytes = try receive(before: deadline)
        if bytes.isEmpty { return nil }
        messages.append(bytes)
      }
    }
  }

  private func send(text: [UInt8], before deadline: Instant) throws(HomeAssistantTrouble) {
    try send(WebSocketFrame(opcode: .text, payload: text), before: deadline)
  }

  private func send(_ frame: WebSocketFrame, before deadline: Instant) throws(HomeAssistantTrouble) {
    try send(frame.bytes(mask: .random(in: 0 ... .max)), before: deadline)
  }

  private func send(_ bytes: [UInt8], before deadline: Instant) throws(HomeAssistantTrouble) {
    do throws(RawConnection.Failure) { try pipe.send(bytes, before: deadline) } catch {
      throw .unreachable(error.words)
    }
  }

  private func receive(before deadline: Instant) throws(HomeAssistantTrouble) -> [UInt8] {
    do throws(RawConnection.Failure) { return try pipe.receive(before: deadline) } catch {
      throw .unreachable(error.words)
    }
  }
}

extension HomeAssistantSettings.Version {
  /// - Parameter text: `2026.11.0`, also with a suffix such as `b2` or `.dev2026…`.
  init?(_ text: String) {
    let parts = text.split(separator: ".")
    guard parts.count >= 2, let year = Int(digits: String(parts[0])), let month = Int(digits: String(parts[1])) else {
      return nil
    }
    self.init(year: year, month: month)
  }
}
