internal import Base

/// The options of the Home Assistant app, as its user fills them in: `/data/options.json`.
///
/// Most have the names of the configuration. What differs is here; `schema` in `deploy/home-assistant/meterbridge/config.yaml`
/// has the list (developers.home-assistant.io, "App configuration", "Options / Schema").
enum AppOptions {
  /// The tree of a configuration from that of the options.
  ///
  /// - Parameters:
  ///   - options: Their JSON. Options that are left empty count as absent.
  ///   - reader: Takes the mistakes, and a name for each field, which messages have in place of a line.
  /// - Returns: Its keys, without those that the app itself adds.
  static func configuration(_ options: YAMLNode, _ reader: inout SettingReader) -> YAMLNode {
    guard case .mapping(let entries) = options.content else { return options }
    var tree = YAMLNode(content: .mapping([]), at: options.at)
    var home = YAMLNode(content: .mapping([]), at: options.at)
    for entry in entries where !entry.value.isBlank {
      guard case .scalar(let name, _) = entry.key.content else { continue }
      switch (name, entry.value.content) {
      case ("meters", .sequence(let meters)):
        let read = meters.enumerated().map { meter($1, number: $0 + 1, &reader) }
        tree.set(name, YAMLNode(content: .sequence(read), at: field("meters", &reader)))
      case ("mqtt", .mapping(let fields)): tree.set(name, mqtt(fields, &reader))
      case ("discovery", _), ("repair", _):
        let at = field(name, &reader)
        home.set(name, entry.value.placed(at))
      default: tree.set(name, entry.value.placed(field(name, &reader)))
      }
    }
    if !home.isBlank { tree.set("home_assistant", home) }
    return tree
  }

  /// A meter: its port is chosen from a list (`device`), or it has the address of a gateway (`source`).
  private static func meter(_ node: YAMLNode, number: Int, _ reader: inout SettingReader) -> YAMLNode {
    guard case .mapping(let fields) = node.content else { return node }
    let title = "meters, \(node.word(of: "id").flatMap { $0.isEmpty ? nil : $0 } ?? "number \(number)")"
    var meter = YAMLNode(content: .mapping([]), at: field(title, &reader))
    let given = fields.filter { !$0.value.isBlank }
    for entry in given {
      guard case .scalar(let name, _) = entry.key.content else { continue }
      let at = field("\(title), \(name)", &reader)
      if name == "device", given.contains(where: { $0.key.isWord("source") }) {
        reader.add("a meter has a device or a source: empty one of the two", at: at)
        continue
      }
      meter.set(name == "device" ? "source" : name, entry.value.placed(at))
    }
    if !meter.has("source") {
      let remedy = "choose its device, or write the address of its gateway in source"
      reader.add("the meter has no port: \(remedy)", at: meter.at)
      // Said once is enough.
      meter.set("source", YAMLNode(content: .scalar("-", isPlain: true), at: meter.at))
    }
    return meter
  }

  /// A broker of the user's own.
  private static func mqtt(_ fields: [YAMLNode.Entry], _ reader: inout SettingReader) -> YAMLNode {
    var group = YAMLNode(content: .mapping([]), at: field("mqtt", &reader))
    for entry in fields where !entry.value.isBlank {
      guard case .scalar(let name, _) = entry.key.content else { continue }
      group.set(name, entry.value.placed(field("mqtt, \(name)", &reader)))
    }
    if !group.isBlank, group.word(of: "host") == nil {
      reader.add(
        "host is empty: write the address of your broker there, or empty all of mqtt for the broker of Home Assistant",
        at: group.at)
    }
    return group
  }

  private static func field(_ name: String, _ reader: inout SettingReader) -> Mark {
    Mark(field: reader.include(ConfigurationFile(path: "option \(name)", exposure: nil)))
  }
}

extension YAMLNode {
  /// Without a value: nothing, an empty text, or a group with nothing in it.
  var isBlank: Bool {
    switch content {
    case .scalar(let text, _): isNull || text.isEmpty
    case .mapping(let entries): entries.isEmpty
    case .sequence, .alias: false
    }
  }

  /// Whether it is a group with this key.
  func has(_ key: String) -> Bool {
    guard case .mapping(let entries) = content else { return false }
    return entries.contains { $0.key.isWord(key) }
  }

  /// The same value at another place.
  fileprivate func placed(_ at: Mark) -> YAMLNode {
    var node = self
    node.at = at
    return node
  }

  /// Appends an entry to a group; the key stands where the value does.
  mutating func set(_ key: String, _ value: YAMLNode) {
    guard case .mapping(let entries) = content else { return }
    let key = YAMLNode(content: .scalar(key, isPlain: true), at: value.at)
    content = .mapping(entries + [Entry(key: key, value: value)])
  }
}
