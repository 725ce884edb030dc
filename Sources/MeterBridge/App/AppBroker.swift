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
    func add(_ key: String, _ value: YAMLNode) { if !section.has(key) { section.set(key, value) } }
    // A user of the file's own has a password of its own.
    let hasUser = section.has("username")
    add("host", text(host))
    add("port", text(port))
    if !hasUser, let username {
      add("username", text(username))
      if let password { add("password", text(password.reveal)) }
    }
    if hasTLS { add("tls", YAMLNode(content: .mapping([]), at: at)) }
  }
}
