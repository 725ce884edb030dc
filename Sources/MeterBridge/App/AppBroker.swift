internal import Base

/// The broker that Home Assistant's Supervisor knows: the answer to `GET /services/mqtt` (developers.home-assistant.io,
/// "Supervisor API", "Service").
struct AppBroker: Equatable, Sendable {
  var host: String
  var port: String
  /// Nil for a broker that lets everyone in.
  var username: String?
  var password: Secret?
  var hasTLS: Bool

  /// Nil if the answer is not one that names a broker.
  ///
  /// - Parameter answer: `{"result":"ok","data":{"host":…,"port":…,"ssl":…,"username":…,"password":…}}`. Its `protocol` is
  ///   what the broker speaks at least; the version is found out as always.
  init?(_ answer: [UInt8]) {
    guard let root = try? YAMLDocument(answer).root, root.word(of: "result") == "ok",
      case .mapping(let members) = root.content,
      let data = members.first(where: { $0.key.isWord("data") })?.value,
      let host = data.word(of: "host"), !host.isEmpty, let port = data.word(of: "port")
    else { return nil }
    self.host = host
    self.port = port
    username = data.word(of: "username").flatMap { $0.isEmpty ? nil : $0 }
    password = data.word(of: "password").flatMap { $0.isEmpty ? nil : Secret($0) }
    hasTLS = data.word(of: "ssl") == "true"
  }

  /// Fills in what the section `mqtt` does not have.
  func complete(_ section: inout YAMLNode, at: Mark) {
    func text(_ text: String) -> YAMLNode { YAMLNode(content: .scalar(text, isPlain: false), at: at) }
    section.set("host", text(host))
    section.set("port", text(port))
    if let username { section.set("username", text(username)) }
    if username != nil, let password { section.set("password", text(password.reveal)) }
    if hasTLS { section.set("tls", YAMLNode(content: .mapping([]), at: at)) }
  }
}
