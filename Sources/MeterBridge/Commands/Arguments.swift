internal import Base
internal import Meters

/// An option of the command line: its name, what follows it, and its line in the help.
struct Option: Sendable {
  enum Value: Sendable {
    /// Nothing follows.
    case none
    /// Any text; the name is that of the help, `FILE`.
    case text(String)
    /// One of a few words; `shown` stands for them in the usage where they would make it long.
    case choice([String], shown: String? = nil)
    /// A whole number from 0 on.
    case count
  }

  /// Without its dashes.
  var name: String
  var value: Value
  var help: String
  var isRepeatable = false

  /// `--config FILE`.
  var usage: String {
    switch value {
    case .none: "--\(name)"
    case .text(let placeholder): "--\(name) \(placeholder)"
    case .choice(let words, let shown): "--\(name) \(shown ?? words.joined(separator: "|"))"
    case .count: "--\(name) N"
    }
  }
}

extension Option {
  static let config = Option(
    name: "config", value: .text("FILE"),
    help: "the configuration, also -c FILE; default \(Program.defaultConfiguration)")
  static let meterProtocol = Option(
    name: "protocol", value: .choice(ProtocolDescription.configurable.map(\.name)),
    help: "what the bytes are; default: found out")
  static let set = Option(
    name: "set", value: .text("NAME=VALUE"),
    help: "a setting of the configuration, such as units.energy=GJ", isRepeatable: true)
  static let key = Option(
    name: "key", value: .text("HEX"), help: "the meter's key; better @FILE, which no process list shows")
  static let authenticationKey = Option(
    name: "auth-key", value: .text("HEX"), help: "the meter's authentication key, or @FILE")
  static let format = Option(
    name: "format", value: .choice(["table", "json"]), help: "for people, or one JSON object to a line; default table")
  static let speed = Option(
    name: "speed", value: .count, help: "let time run N times as fast; 0 lets the registers stand")
  static let seed = Option(name: "seed", value: .count, help: "the same N makes the same values")
  static let meter = Option(name: "meter", value: .text("ID"), help: "only this meter")
  static let json = Option(name: "json", value: .none, help: "for programs: one JSON object")
  static let dryRun = Option(name: "dry-run", value: .none, help: "print what would be published, and publish nothing")
}

/// A wrong command line; the message says what is right.
struct UsageError: Error, Equatable {
  var message: String

  init(_ message: String) { self.message = message }
}

/// The words after a command.
struct Arguments: Equatable, Sendable {
  /// Words that are not options: files, meters, subjects. `-` is one.
  private(set) var operands: [String] = []
  /// `--help` is given.
  private(set) var wantsHelp = false
  private var values: [String: [String]] = [:]

  /// The path of the configuration.
  var configuration: String { self[.config] ?? Program.defaultConfiguration }

  /// The same for a command that may also have it as its operand.
  func namedConfiguration() throws(UsageError) -> String {
    guard let operand = operands.first else { return configuration }
    guard self[.config] == nil else { throw UsageError("two configurations: \(configuration) and \(operand)") }
    return operand
  }

  /// The value of an option, the default's where it is absent.
  subscript(option: Option) -> String? { values[option.name]?.last }

  /// All values of a repeatable option.
  func all(_ option: Option) -> [String] { values[option.name] ?? [] }

  /// Whether an option is given.
  func has(_ option: Option) -> Bool { values[option.name] != nil }

  /// The number of an option of kind `count`.
  func count(_ option: Option) -> UInt64? { self[option].flatMap { UInt64(digits: $0) } }

  /// Parses `--name VALUE` and `--name=VALUE`. After `--` every word is an operand.
  init(_ words: some Sequence<String>, options: [Option]) throws(UsageError) {
    var rest = Array(words)[...]
    while let word = rest.popFirst() {
      if word == "--" {
        operands += rest
        break
      }
      guard word.hasPrefix("-"), word != "-" else {
        operands.append(word)
        continue
      }
      if ["--help", "-h", "-?"].contains(word) {
        wantsHelp = true
        continue
      }
      try take(word, &rest, options)
    }
  }

  private mutating func take(
    _ word: String, _ rest: inout ArraySlice<String>, _ options: [Option]
  ) throws(UsageError) {
    var parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    // As most daemons call it.
    if parts[0] == "-c" { parts[0] = "--\(Option.config.name)" }
    guard let option = options.first(where: { "--\($0.name)" == parts[0] }) else {
      let known = options.map { "--\($0.name)" }
      let near = Suggestion.nearest(to: parts[0], of: known)
      throw UsageError(
        "unknown option \(parts[0])" + (near.map { "; did you mean \($0)?" } ?? ""))
    }
    if case .none = option.value {
      guard parts.count == 1 else { throw UsageError("--\(option.name) takes no value") }
      values[option.name] = [""]
      return
    }
    guard let value = parts.count == 2 ? parts[1] : rest.popFirst() else {
      throw UsageError("--\(option.name) needs a value: \(option.usage)")
    }
    guard option.isRepeatable || values[option.name] == nil else {
      throw UsageError("--\(option.name) stands there twice")
    }
    try check(value, of: option)
    values[option.name, default: []].append(value)
  }

  private func check(_ value: String, of option: Option) throws(UsageError) {
    switch option.value {
    case .none, .text: break
    case .choice(let words, _):
      guard !words.contains(value) else { break }
      let near = Suggestion.nearest(to: value, of: words).map { "; did you mean \($0)?" } ?? ""
      throw UsageError("--\(option.name) is one of \(words.joined(separator: ", "))\(near)")
    case .count:
      guard UInt64(digits: value) != nil else {
        throw UsageError("--\(option.name) needs a whole number")
      }
    }
  }
}
