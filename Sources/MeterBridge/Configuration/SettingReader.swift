internal import Base
internal import Platform

/// A mistake in a configuration file, with a suggestion.
struct ConfigurationMistake: Hashable, Sendable {
  var at: Mark
  var message: String
}

/// A value of one word or text, with `!env` and `!file` followed.
struct SettingText {
  var text: String
  /// Its name in messages: the text in backquotes, or its origin if that text may be a secret.
  var shown: String
}

/// A file that the configuration consists of.
struct ConfigurationFile: Equatable, Sendable {
  /// As messages show it.
  var path: String
  /// Why other users can read it; nil if they cannot.
  var exposure: String?
}

/// Reads the nodes of a document into settings, and collects every mistake on the way.
struct SettingReader {
  let environment: Environment
  /// The folder that relative paths count from, with its slash; empty for the current one.
  let folder: String
  /// Whether a secret may be in a file that others can read.
  var allowsReadableSecrets = false
  /// The configuration itself, then the files that it includes. `Mark.file` is the index.
  private(set) var files: [ConfigurationFile]
  private(set) var mistakes: [ConfigurationMistake] = []
  /// The places of secrets in the configuration file itself.
  private(set) var plainSecrets: [Mark] = []
  /// Findings that are not mistakes.
  private(set) var warnings: [ConfigurationMistake] = []
  /// The texts that `!file` has read, by path. A default is read with each meter, and a pipe tells its text once.
  private var texts: [String: String] = [:]

  /// - Parameters:
  ///   - environment: for `!env`.
  ///   - path: of the configuration; empty for settings of the command line.
  ///   - exposure: why other users can read that file; nil if they cannot.
  init(environment: Environment, path: String = "", exposure: String? = nil) {
    self.environment = environment
    folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    files = [ConfigurationFile(path: path, exposure: exposure)]
  }

  /// Takes a file that the configuration includes. Returns its number.
  mutating func include(_ file: ConfigurationFile) -> Int {
    files.append(file)
    return files.count - 1
  }

  /// Reads the text of a file.
  ///
  /// - Parameters:
  ///   - text: its bytes.
  ///   - file: its number.
  /// - Returns: its tree; an empty group for a file of comments.
  /// - Throws: why it is not YAML.
  mutating func tree(of text: [UInt8], file: Int = 0) throws(YAMLError) -> YAMLNode {
    do {
      try YAMLError.refuseInvisible(text)
      let document = try YAMLDocument(text, file: file)
      if let second = document.second {
        add("a second document begins here; a configuration is one, without `---` in it", at: second)
      }
      return document.root ?? YAMLNode(content: .mapping([]), at: Mark(file: file, line: 1, column: 1))
    } catch {
      throw YAMLError(problem: error.problem, at: Mark(file: file, line: error.at.line, column: error.at.column))
    }
  }

  /// The line of a place, for a message about another place: `line 3`, with the file if it is another one.
  func line(of mark: Mark, from place: Mark) -> String {
    guard mark.hasLine else { return files[mark.file].path }
    return mark.file == place.file ? "line \(mark.line)" : "line \(mark.line) of \(files[mark.file].path)"
  }

  mutating func add(_ message: String, at mark: Mark) {
    mistakes.append(ConfigurationMistake(at: mark, message: message))
  }

  mutating func warn(_ message: String, at mark: Mark) {
    warnings.append(ConfigurationMistake(at: mark, message: message))
  }

  /// Warns of a file that other users can change.
  mutating func warnIfWritable(_ path: String, at mark: Mark) {
    guard let remedy = WritableFile.remedy(for: path) else { return }
    warn("\(Self.quoted(path)) can be changed by other users of this machine: `\(remedy)`", at: mark)
  }

  /// A path as the program uses it.
  func resolve(_ path: String) -> String { path.hasPrefix("/") ? path : folder + path }

  /// The entries of a map; nil after a mistake. A group with nothing in it is empty.
  mutating func entries(_ node: YAMLNode, of name: String, takes keys: [String]) -> [YAMLNode.Entry]? {
    guard isUsable(node, allowsTag: false) else { return nil }
    if node.isNull { return [] }
    guard case .mapping(let entries) = node.content else {
      add(Self.slip(in: node, of: name, takes: keys), at: node.at)
      return nil
    }
    return entries
  }

  /// What is wrong with a node that is not a map. Its text may be a secret.
  private static func slip(in node: YAMLNode, of name: String, takes keys: [String]) -> String {
    let group = "\(name) is a group of settings, one to a line: \(keys.joined(separator: ", "))"
    guard case .scalar(let text, isPlain: true) = node.content else { return group }
    if ["true", "yes", "on"].contains(text.lowercased()) {
      return "\(name) is a group of settings: write `{}` instead of `\(text)` for its defaults"
    }
    let word = String(text.prefix { $0.isLetter || $0 == "_" })
    guard keys.contains(word) else { return group }
    let behind = text.dropFirst(word.count).first
    if behind == ":" { return "a blank is missing after `\(word):`" }
    return "a colon is missing after `\(word)`: write `\(word): …`"
  }

  /// The elements of a list; nil after a mistake.
  mutating func elements(_ node: YAMLNode, of name: String, each: String) -> [YAMLNode]? {
    guard isUsable(node, allowsTag: false) else { return nil }
    guard case .sequence(let elements) = node.content else {
      if case .mapping(let entries) = node.content, case .scalar(let key, _)? = entries.first?.key.content,
        key.hasPrefix("-")
      {
        add("a blank is missing after `-`: write `- \(key.dropFirst()): …`", at: node.at)
      } else {
        add("\(name) is a list: write `- ` before \(each)", at: node.at)
      }
      return nil
    }
    return elements
  }

  /// The text of a value; nil after a mistake.
  mutating func text(_ node: YAMLNode, of name: String, isSecret: Bool = false) -> SettingText? {
    guard isUsable(node, allowsTag: true) else { return nil }
    if node.isNull {
      add("\(name) has no value; leave the line out for the default", at: node.at)
      return nil
    }
    guard case .scalar(let text, let isPlain) = node.content else {
      add("\(name) is one value, not a list or a group", at: node.at)
      return nil
    }
    if node.tag == nil, let slip = Self.tagSlip(in: text, isPlain: isPlain, isSecret: isSecret) {
      add(slip, at: node.at)
      return nil
    }
    if isSecret, node.tag == nil, node.hasComment {
      warn("what stands behind ` #` is a comment and not part of \(name); in quotes it is", at: node.at)
    }
    do {
      switch node.tag {
      case "!env": return try variable(text)
      case "!file": return try file(text, isSecret: isSecret && !allowsReadableSecrets, at: node.at)
      default:
        if isSecret { plainSecrets.append(node.at) }
        return SettingText(text: text, shown: Self.quoted(text))
      }
    } catch {
      add(error.reason, at: node.at)
      return nil
    }
  }

  /// A text that is meant for a tag: one in quotes, or a secret without the `!`.
  private static func tagSlip(in text: String, isPlain: Bool, isSecret: Bool) -> String? {
    for tag in ["!file", "!env"] {
      if !isPlain, text == tag || text.hasPrefix(tag + " ") {
        return "`\(tag)` in quotes is only a text: take the quotes off"
      }
      if isPlain, isSecret, text.hasPrefix(tag.dropFirst() + " ") {
        return "a `!` is missing: write `\(tag) …`, or quotes around a text that begins so"
      }
    }
    return nil
  }

  /// A value has turned out to be a secret. False after a mistake: it comes from a file that others can read.
  mutating func keepsSecret(_ node: YAMLNode, of name: String) -> Bool { text(node, of: name, isSecret: true) != nil }

  /// Short text in backquotes, without control characters of a terminal. An address loses its user, its password and
  /// the part after its `?`.
  static func quoted(_ text: String) -> String {
    var visible = text[...]
    if let at = text.lastIndex(of: "@") {
      // Also where the scheme is left out or written wrong.
      if let scheme = text.firstRange(of: "://"), scheme.upperBound <= at {
        visible = text[..<scheme.upperBound] + "…" + text[at...]
      } else if text[..<at].contains(":") {
        visible = "…" + text[at...]
      }
    }
    if text.contains("://"), let query = visible.firstIndex(of: "?") { visible = visible[..<query] + "?…" }
    let shown = visible.unicodeScalars.prefix(60)
    return "`\(onOneLine(shown))\(shown.endIndex < visible.unicodeScalars.endIndex ? "…" : "")`"
  }

  /// Refuses anchors and aliases, and the tags that are not known.
  private mutating func isUsable(_ node: YAMLNode, allowsTag: Bool) -> Bool {
    if node.hasAnchor || node.content == .alias {
      add(
        "anchors and aliases (& and *) are not read here; write the value out, in quotes if it begins so", at: node.at)
      return false
    }
    guard let tag = node.tag else { return true }
    if ["!env", "!file"].contains(tag) {
      if !allowsTag { add("\(tag) stands for one value, not for a list or a group", at: node.at) }
      return allowsTag
    }
    let meant = Suggestion.nearest(to: tag, of: ["!env", "!file"])
    add(
      "unknown tag \(Self.quoted(tag))\(meant.map { "; did you mean `\($0)`?" } ?? "; `!env NAME` and `!file PATH` are known")",
      at: node.at)
    return false
  }

  private func variable(_ name: String) throws(FileProblem) -> SettingText {
    guard !name.isEmpty, !name.utf8.contains(0) else {
      throw FileProblem(reason: "`!env` needs the name of a variable: `!env MQTT_PASSWORD`")
    }
    guard let value = environment[name] else {
      throw FileProblem(reason: "the environment variable \(Self.quoted(name)) is not set")
    }
    guard !value.isEmpty else { throw FileProblem(reason: "the environment variable \(Self.quoted(name)) is empty") }
    return SettingText(text: value, shown: "the value of \(Self.quoted(name))")
  }

  private mutating func file(_ path: String, isSecret: Bool, at mark: Mark) throws(FileProblem) -> SettingText {
    guard !path.isEmpty else {
      throw FileProblem(reason: "`!file` needs a path: `!file /etc/meterbridge/mqtt-password`")
    }
    let shown = Self.quoted(path)
    if isSecret, let exposure = SecretFile.exposure(of: file(named: path)) {
      throw FileProblem(reason: "\(shown) is not secret: \(exposure); or set `allow_readable_secrets: true`")
    }
    if let text = texts[path] { return SettingText(text: text, shown: "the text in \(shown)") }
    var bytes: [UInt8]
    do {
      bytes = try readFile(file(named: path), upTo: Limits.configuredFileBytes)
    } catch {
      throw FileProblem(reason: "cannot read \(shown): \(reason(error, reading: path))")
    }
    warnIfWritable(file(named: path), at: mark)
    if bytes.last == 0x0A { bytes.removeLast() }
    if bytes.last == 0x0D { bytes.removeLast() }
    guard !bytes.isEmpty else { throw FileProblem(reason: "\(shown) is empty") }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw FileProblem(reason: "\(shown) is not UTF-8 text")
    }
    texts[path] = text
    return SettingText(text: text, shown: "the text in \(shown)")
  }
}
