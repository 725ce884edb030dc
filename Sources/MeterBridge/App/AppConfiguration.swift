internal import Base

/// The configuration of the program as a Home Assistant app: the options or a file of the user's own, and what the app adds.
struct AppConfiguration {
  /// What the texts say.
  struct Text: Equatable, Sendable {
    var bytes: [UInt8]
    var path: String
    /// Whether they are the options.
    var isOptions: Bool
  }

  var configuration: Configuration
  /// Whether it leaves the broker to Home Assistant.
  var needsBroker: Bool

  /// Reads a configuration.
  ///
  /// - Parameters:
  ///   - text: Options or a configuration.
  ///   - broker: That of Home Assistant; nil as long as it is not known.
  ///   - state: The folder for the state, unless the text names one.
  ///   - environment: For `!env`.
  /// - Throws: All mistakes.
  init(_ text: Text, broker: AppBroker?, state: String, environment: Environment) throws(ConfigurationError) {
    var needsBroker = false
    configuration = try Configuration.parse(text.bytes, path: text.path, environment: environment) { tree, reader in
      var tree = text.isOptions ? AppOptions.configuration(tree, &reader) : tree
      let at = Mark(field: reader.include(ConfigurationFile(path: Self.service, exposure: nil)))
      needsBroker = tree.leavesBroker
      if needsBroker, let broker { tree.complete(with: broker, at: at) }
      tree.addDefaults(state: state, at: at)
      tree.completeHomeAssistant(environment, at: at)
      return tree
    }
    self.needsBroker = needsBroker
    // Between apps a password stays on this machine.
    configuration.warnings.removeAll { $0.hasPrefix(Self.service) }
  }

  /// Stands in place of a line, in messages about the answer of the Supervisor.
  private static let service = "MQTT service of Home Assistant"

  /// Where the page is for Home Assistant (ingress): all addresses, at the port that `config.yaml` names.
  static let listen = "0.0.0.0:8099"
}

extension YAMLNode {
  /// Whether the section `mqtt` names no broker.
  fileprivate var leavesBroker: Bool {
    guard case .mapping(let entries) = content else { return false }
    guard let mqtt = entries.first(where: { $0.key.isWord("mqtt") })?.value else { return true }
    guard case .mapping = mqtt.content else { return mqtt.isNull }
    return !mqtt.has("host") && !mqtt.has("hosts")
  }

  fileprivate mutating func complete(with broker: AppBroker, at: Mark) {
    guard case .mapping(let entries) = content else { return }
    var section = YAMLNode(content: .mapping([]), at: at)
    if let given = entries.first(where: { $0.key.isWord("mqtt") })?.value, case .mapping = given.content {
      section = given
    }
    broker.complete(&section, at: at)
    content = .mapping(entries.filter { !$0.key.isWord("mqtt") })
    set("mqtt", section)
  }

  /// Where the hours are repaired: in the Home Assistant that the app belongs to, by the Supervisor and with its token
  /// (developers.home-assistant.io, "App communication").
  fileprivate mutating func completeHomeAssistant(_ environment: Environment, at: Mark) {
    guard case .mapping(let entries) = content,
      var section = entries.first(where: { $0.key.isWord("home_assistant") })?.value, section.has("repair"),
      !section.has("url"), !section.has("token"), let token = environment["SUPERVISOR_TOKEN"]
    else { return }
    let api = environment["SUPERVISOR_API"] ?? "http://supervisor"
    for (key, text) in [("url", api + "/core/websocket"), ("token", token)] {
      section.set(key, YAMLNode(content: .scalar(text, isPlain: false), at: at))
    }
    content = .mapping(entries.filter { !$0.key.isWord("home_assistant") })
    set("home_assistant", section)
  }

  /// The page for ingress, the folder for the state, and secrets in files: in a container nobody else reads them.
  fileprivate mutating func addDefaults(state: String, at: Mark) {
    func word(_ text: String) -> YAMLNode { YAMLNode(content: .scalar(text, isPlain: true), at: at) }
    func add(_ key: String, _ value: YAMLNode) {
      if !has(key) { set(key, value) }
    }
    var http = YAMLNode(content: .mapping([]), at: at)
    http.set("listen", word(AppConfiguration.listen))
    http.set("only_ingress", word("true"))
    add("http", http)
    add("state_directory", word(state))
    add(Configuration.allowReadableSecrets, word("true"))
  }
}
