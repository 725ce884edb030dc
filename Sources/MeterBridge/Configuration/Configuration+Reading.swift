internal import Base
internal import Glibc
internal import Platform

/// Why a configuration cannot be used.
enum ConfigurationError: Error, Equatable {
  case unreadable(path: String, reason: String)
  /// In the order of the files: the configuration itself, then those that it includes.
  case wrong(path: String, included: [String] = [], [ConfigurationMistake])

  /// The messages for the user, one line each: `path:line:column: message`. The path is enough for what has no lines.
  var lines: [String] {
    switch self {
    case .unreadable(let path, let reason): ["\(path): \(reason)"]
    case .wrong(let path, let included, let mistakes):
      mistakes.map { mistake in
        let place = mistake.at.hasLine ? ":\(mistake.at.line):\(mistake.at.column)" : ""
        return "\(([path] + included)[mistake.at.file])\(place): \(mistake.message)"
      }
    }
  }

  /// Sysexits: no such file, or a wrong configuration.
  var exitStatus: Int32 {
    switch self {
    case .unreadable: EX_NOINPUT
    case .wrong: EX_CONFIG
    }
  }
}

extension Configuration {
  /// Reads a configuration file.
  ///
  /// - Parameters:
  ///   - path: of the file; it begins every message as it is given here.
  ///   - environment: for `!env`.
  /// - Returns: a configuration that is right.
  /// - Throws: the file's trouble, or all mistakes in it.
  static func read(path: String, environment: Environment = .process) throws(ConfigurationError) -> Configuration {
    let text: [UInt8]
    do {
      text = try readFile(path, upTo: Limits.configurationBytes)
    } catch {
      guard error.isTooLarge else {
        let example = "deploy/meterbridge.example.yaml is an example to start from"
        let advice = "; `--config FILE` names another file, and \(example)"
        throw .unreadable(path: path, reason: error.reason + (error.isMissing ? advice : ""))
      }
      let mistake = ConfigurationMistake(
        at: Mark(line: 1, column: 1), message: "the file is \(error.reason); that is not a configuration")
      throw .wrong(path: path, [mistake])
    }
    var configuration = try parse(
      text, path: path, environment: environment, exposure: SecretFile.exposure(of: path))
    if let remedy = WritableFile.remedy(for: path) {
      let warning = "\(path): other users of this machine can change this configuration: `\(remedy)`"
      configuration.warnings.insert(warning, at: 0)
    }
    return configuration
  }

  /// Reads the text of a configuration file.
  ///
  /// - Parameters:
  ///   - text: its bytes.
  ///   - path: relative paths in it count from its folder.
  ///   - environment: for `!env`.
  ///   - exposure: why other users can read the file; nil if they cannot.
  ///   - arrange: makes the tree of a configuration from that of the text.
  /// - Returns: a configuration that is right.
  /// - Throws: all mistakes; only one, where the text is not YAML.
  static func parse(
    _ text: [UInt8], path: String, environment: Environment, exposure: String? = nil,
    arrange: (YAMLNode, inout SettingReader) -> YAMLNode = { tree, _ in tree }
  ) throws(ConfigurationError) -> Configuration {
    var reader = SettingReader(environment: environment, path: path, exposure: exposure)
    var tree: YAMLNode
    do { tree = arrange(try reader.tree(of: text), &reader) } catch {
      throw .wrong(path: path, [ConfigurationMistake(at: error.at, message: error.problem)])
    }
    var files = IncludedFiles(path)
    tree = files.merged(into: tree, &reader)
    reader.allowsReadableSecrets = tree.word(of: allowReadableSecrets) == "true"
    var draft = Draft()
    _ = root.read(MeterDefaults.spread(in: tree, &reader), into: &draft, &reader)
    let included = reader.files.dropFirst().map(\.path)
    guard reader.mistakes.isEmpty else {
      throw .wrong(path: path, included: included, reader.mistakes.inOrder)
    }
    for mark in reader.plainSecrets where !reader.allowsReadableSecrets {
      guard let exposure = reader.files[mark.file].exposure else { continue }
      reader.warn("a secret stands in this file, and \(exposure)", at: mark)
    }
    draft.configuration.warnings =
      ConfigurationError.wrong(
        path: path, included: included, reader.warnings.inOrder
      ).lines
    return draft.configuration
  }
}

extension [ConfigurationMistake] {
  /// By their places. A default is read with each meter, but what is said of it is said once.
  fileprivate var inOrder: [ConfigurationMistake] {
    var told: Set<ConfigurationMistake> = []
    return filter { told.insert($0).inserted }.sorted { $0.at < $1.at }
  }
}

extension YAMLNode {
  /// Whether it is this word, with or without quotes.
  func isWord(_ word: String) -> Bool {
    if case .scalar(word, _) = content { true } else { false }
  }

  /// The plain value of a key of this map; nil without one.
  func word(of key: String) -> String? {
    guard case .mapping(let entries) = content else { return nil }
    for entry in entries where entry.key.isWord(key) {
      if case .scalar(let word, _) = entry.value.content { return word }
    }
    return nil
  }
}
