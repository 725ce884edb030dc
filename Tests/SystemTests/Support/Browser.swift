import Foundation
import Glibc
import Testing
import TestSupport

@testable import Platform

/// A real Chromium without a window, driven by chromedriver (W3C WebDriver).
final class Browser {
  static let driverPath = "/usr/bin/chromedriver"

  private let port: UInt16
  private let process: ChildProcess
  private var session = ""

  init() throws {
    port = try freePort()
    // The crash handler of Chromium outlives it for a while. It may not hold the output of the tests open.
    process = try ChildProcess(
      "/bin/sh", ["-c", "exec \"$0\" \"$@\" >/dev/null 2>&1", Self.driverPath, "--port=\(port)", "--log-level=OFF"])
    let options: [String: Any] = [
      "goog:loggingPrefs": ["browser": "ALL"],
      "goog:chromeOptions": ["args": ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-breakpad"]],
    ]
    try #require(eventually { (try? self.call("GET", "/status")) != nil })
    let made = try call("POST", "/session", ["capabilities": ["alwaysMatch": options]]) as? [String: Any]
    session = "/session/\(try #require(made?["sessionId"] as? String))"
  }

  deinit {
    _ = try? call("DELETE", session)
    process.end()
  }

  func open(_ url: String) throws { try call("POST", "\(session)/url", ["url": url]) }

  /// What an expression of JavaScript is, as text; empty while it fails.
  func value(_ expression: String) -> String {
    let body: [String: Any] = ["script": "return String(\(expression))", "args": []]
    return (try? call("POST", "\(session)/execute/sync", body) as? String) ?? ""
  }

  /// Runs statements.
  func run(_ script: String) throws { try call("POST", "\(session)/execute/sync", ["script": script, "args": []]) }

  /// What the page and the browser complained of since the last call.
  func complaints() throws -> [String] {
    let entries = try call("POST", "\(session)/se/log", ["type": "browser"]) as? [[String: Any]]
    return (entries ?? []).compactMap { $0["message"] as? String }
  }

  /// A command of the Chrome DevTools Protocol.
  func tell(_ command: String, _ parameters: [String: Any]) throws {
    try call("POST", "\(session)/goog/cdp/execute", ["cmd": command, "params": parameters])
  }

  func setSize(_ width: Int, _ height: Int) throws {
    try tell(
      "Emulation.setDeviceMetricsOverride",
      ["width": width, "height": height, "deviceScaleFactor": 1, "mobile": true])
  }

  func setLanguage(_ language: String) throws {
    try tell("Network.setUserAgentOverride", ["userAgent": "Test", "acceptLanguage": language])
  }

  func setDark(_ isDark: Bool) throws {
    let feature = ["name": "prefers-color-scheme", "value": isDark ? "dark" : "light"]
    try tell("Emulation.setEmulatedMedia", ["features": [feature]])
  }

  @discardableResult
  private func call(_ method: String, _ path: String, _ body: [String: Any]? = nil) throws -> Any? {
    let content = try body.map { try JSONSerialization.data(withJSONObject: $0) } ?? Data()
    let head =
      "\(method) \(path) HTTP/1.1\r\nHost: localhost:\(port)\r\nContent-Type: application/json\r\n"
      + "Content-Length: \(content.count)\r\nConnection: close\r\n\r\n"
    let answer = try exchange(Data(head.utf8) + content)
    guard let json = try JSONSerialization.jsonObject(with: answer) as? [String: Any] else { return nil }
    if let trouble = (json["value"] as? [String: Any])?["error"] as? String {
      throw Failure(what: "\(path): \(trouble)")
    }
    return json["value"]
  }

  /// Sends a request, and returns the body of the response.
  private func exchange(_ request: Data) throws -> Data {
    let made = loopbackSocket()
    defer { close(made) }
    var patience = timeval(tv_sec: 60, tv_usec: 0)
    unsafe setsockopt(made, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    guard unsafe withLoopback(port, { unsafe connect(made, $0, $1) }) == 0 else { throw Failure(what: "connect") }
    let bytes = [UInt8](request)
    guard unsafe send(made, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
      throw Failure(what: "send")
    }
    var received = Data()
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      if let end = received.range(of: Data("\r\n\r\n".utf8)) {
        let head = String(decoding: received[..<end.lowerBound], as: UTF8.self).lowercased()
        let length = head.firstMatch(of: /content-length: *(\d+)/).flatMap { Int($0.1) }
        let body = received[end.upperBound...]
        if let length, body.count >= length { return Data(body) }
      }
      let count = unsafe recv(made, &buffer, buffer.count, 0)
      guard count > 0 else { throw Failure(what: "no answer") }
      received += buffer.prefix(count)
    }
  }
}
