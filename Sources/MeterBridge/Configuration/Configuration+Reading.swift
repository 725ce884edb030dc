internal import Base
internal import Glibc
internal import Platform

/// Why a configuration cannot be used.
enum ConfigurationError: Error, Equatable {
  case unreadable(path: String, reason: String)
  /// In the order of the file.
  case wrong(path: String, [ConfigurationMistake])

  /// The messages for the user, one line each: `path:line:column: message`.
  var lines: [String] {
    switch self {
    case .unreadable(let path, let reason): ["\(path): \(reason)"]
    case .wrong(let path, let mistakes): mistakes.map { "\(path):\($0.at.line):\($0.at.column): \($0.message)" }
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
  /// - Returns: a configuration that is right.
  /// - Throws: all mistakes; only one, where the text is not YAML.
  static func parse(
    _ text: [UInt8], path: String, environment: Environment, exposure: String? = nil
  ) throws(ConfigurationError) -> Configuration {
    let document: YAMLDocument
    do {
      try YAMLError.refuseInvisible(text)
      document = try YAMLDocument(text)
    } catch {
      throw .wrong(path: path, [ConfigurationMistake(at: error.at, message: error.problem)])
    }
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    let isLax = document.root?.word(of: allowReadableSecrets) == "true"
    var reader = SettingReader(environment: environment, folder: folder, allowsReadableSecrets: isLax)
    if let second = document.second {
      reader.add("a second document begins here; a configuration is one, without `---` in it", at: second)
    }
    var draft = Draft()
    let nothing = YAMLNode(content: .mapping([]), at: Mark(line: 1, column: 1))
    _ = root.read(document.root ?? nothing, into: &draft, &reader)
    guard reader.mistakes.isEmpty else {
      throw .wrong(path: path, reader.mistakes.sorted { $0.at < $1.at })
    }
    if let exposure, !isLax {
      for mark in reader.plainSecrets { reader.warn("a secret stands in this file, and \(exposure)", at: mark) }
    }
    draft.configuration.warnings = reader.warnings.sorted { $0.at < $1.at }.map {
      "\(path):\($0.at.line):\($0.at.column): \($0.message)"
    }
    return draft.configuration
  }
}

extension YAMLNode {
  /// The plain value of a key of this map; nil without one.
  fileprivate func word(of key: String) -> String? {
    guard case .mapping(let entries) = content else { return nil }
    for entry in entries {
      if case .scalar(key, _) = entry.key.content, case .scalar(let word, _) = entry.value.content { return word }
    }
    return nil
  }
}
