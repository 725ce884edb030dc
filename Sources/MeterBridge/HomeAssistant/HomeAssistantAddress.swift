internal import Base

/// Where the WebSocket API of Home Assistant is.
struct HomeAssistantAddress: Equatable, Sendable {
  /// Whether the connection is encrypted.
  let hasTLS: Bool
  /// Host and port, as in a URL.
  let authority: String
  let path: String

  /// - Parameter url: `http`, `https`, `ws` or `wss`; without a path it is that of the API.
  init?(_ url: String) {
    guard let colon = url.firstRange(of: "://") else { return nil }
    switch url[..<colon.lowerBound].lowercased() {
    case "http", "ws": hasTLS = false
    case "https", "wss": hasTLS = true
    default: return nil
    }
    let rest = url[colon.upperBound...]
    let slash = rest.firstIndex(of: "/") ?? rest.endIndex
    authority = String(rest[..<slash])
    path = ["", "/"].contains(rest[slash...]) ? "/api/websocket" : String(rest[slash...])
    let isPlain = url.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
    guard isPlain, !authority.isEmpty, !authority.utf8.contains(where: { "@?#".utf8.contains($0) }) else { return nil }
  }

  /// For libcurl, which connects to scheme, host and port.
  var connection: String { (hasTLS ? "https" : "http") + "://" + authority + "/" }

  /// For messages.
  var shown: String { (hasTLS ? "wss" : "ws") + "://" + authority + path }

  /// Whether only this machine sees what is sent.
  var isOnThisMachine: Bool {
    let host = authority.hasPrefix("[") ? authority : String(authority.split(separator: ":")[0])
    return ["localhost", "supervisor"].contains(host) || host.hasPrefix("127.") || host.hasPrefix("[::1]")
  }
}
