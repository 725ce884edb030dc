import Foundation
import Glibc
import HTTP
import Meters
import Testing
import TestSupport

@testable import Base
@testable import Platform

/// A Home Assistant on a loopback port: its WebSocket API in front of a simulated one.
///
/// Its answers come in pieces of frames, with pings in between.
final class HomePeer: @unchecked Sendable {
  enum Manner: Sendable { case usual, noWebSocket, wrongAccept, closing, silent }

  let home = SimulatedHome()
  let port: UInt16
  private let listening: Int32
  private let manner: Manner
  private let heard = Shared<[String]>([])
  /// Pongs, and tokens that came.
  var words: [String] { heard.current }
  var url: String { "http://127.0.0.1:\(port)" }

  init(_ manner: Manner = .usual) throws {
    self.manner = manner
    (listening, port) = try listeningSocket()
    let isStarted = Platform.Thread.start { [weak self, listening] in
      while true {
        let client = accept(listening, nil, nil)
        guard client >= 0 else { return }
        self?.serve(client)
        close(client)
      }
    }
    try #require(isStarted)
  }

  deinit { shutdown(listening, Int32(SHUT_RDWR)) }

  private func serve(_ client: Int32) {
    var head: [UInt8] = []
    while !String(decoding: head, as: UTF8.self).hasSuffix("\r\n\r\n") {
      guard let bytes = receive(client) else { return }
      head += bytes
    }
    let lines = String(decoding: head, as: UTF8.self).components(separatedBy: "\r\n")
    heard.change { $0.append(lines[0]) }
    guard manner != .noWebSocket else { return send(client, Array("HTTP/1.1 404 Not Found\r\n\r\n".utf8)) }
    let key = lines.first { $0.hasPrefix("Sec-WebSocket-Key: ") }?.dropFirst(19) ?? ""
    var accept = Base64.text(SHA1.digest(Array("\(key)258EAFA5-E914-47DA-95CA-C5AB0DC85B11".utf8)) ?? [])
    if manner == .wrongAccept { accept = "bm9wZQ==" }
    let upgrade =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\nSec-WebSocket-Accept: \(accept)\r\n\r\n"
    // The first message comes with the head.
    send(client, Array(upgrade.utf8) + text(["type": "auth_required", "ha_version": home.version])[0])
    var frames = WebSocketFrames(limit: 1 << 20)
    var isSignedIn = false
    while let bytes = receive(client) {
      frames.append(bytes)
      while let frame = try? frames.next() {
        guard frame.opcode == .text else {
          heard.change { $0.append("\(frame.opcode)") }
          continue
        }
        let message = (try? JSONSerialization.jsonObject(with: Data(frame.payload))) as? [String: Any] ?? [:]
        if !isSignedIn {
          isSignedIn = message["access_token"] as? String == "good"
          let type = isSignedIn ? "auth_ok" : "auth_invalid"
          text(["type": type, "ha_version": home.version]).forEach { send(client, $0) }
          if !isSignedIn { return }
          continue
        }
        if manner == .closing { return send(client, WebSocketFrame(opcode: .close, payload: []).bytes) }
        if manner == .silent { continue }
        guard let answer = home.answer(message) else { return }
        send(client, WebSocketFrame(opcode: .ping, payload: [1, 2]).bytes)
        text(["id": 9999, "type": "event"]).forEach { send(client, $0) }
        text(answer).forEach { send(client, $0) }
      }
    }
  }

  /// A message in two frames.
  private func text(_ message: [String: Any]) -> [[UInt8]] {
    let bytes = Array((try? JSONSerialization.data(withJSONObject: message)) ?? Data())
    guard message["id"] != nil else { return [WebSocketFrame(opcode: .text, payload: bytes).bytes] }
    let half = bytes.count / 2
    return [
      WebSocketFrame(opcode: .text, isLast: false, payload: Array(bytes[..<half])).bytes,
      WebSocketFrame(opcode: .continuation, payload: Array(bytes[half...])).bytes,
    ]
  }

  private func receive(_ client: Int32) -> [UInt8]? {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    let count = unsafe recv(client, &buffer, buffer.count, 0)
    return count > 0 ? Array(buffer[..<count]) : nil
  }

  private func send(_ client: Int32, _ bytes: [UInt8]) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes {
        unsafe Glibc.send(client, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }
}
