internal import Base

/// The format of a value: its description and its parser.
struct ValueFormat<Value>: Sendable {
  /// The description for `docs/CONFIGURATION.md`.
  var described: String
  /// Whether the value may never be shown.
  var isSecret = false
  var parse: @Sendable (String) throws(InvalidValue) -> Value

  init(_ described: String, _ parse: @escaping @Sendable (String) throws(InvalidValue) -> Value) {
    self.described = described
    self.parse = parse
  }
}

extension ValueFormat {
  /// One of a few words.
  static func choice(_ choices: [(name: String, value: Value)], alsoCalled otherNames: [String: String] = [:])
    -> ValueFormat
  where Value: Sendable {
    let names = choices.map(\.name)
    return ValueFormat(names.map { "`\($0)`" }.joined(separator: ", ")) { text throws(InvalidValue) in
      if let choice = choices.first(where: { $0.name == text }) { return choice.value }
      let near = otherNames[text.lowercased()] ?? Suggestion.nearest(to: text, of: names)
      throw InvalidValue("is not one of \(names.joined(separator: ", "))\(Suggestion.question(near))")
    }
  }
}

extension ValueFormat<Bool> {
  static let flag = ValueFormat("`true` or `false`") { text throws(InvalidValue) in
    switch text {
    case "true": return true
    case "false": return false
    default:
      let meant = ["yes": "true", "on": "true", "1": "true", "no": "false", "off": "false", "0": "false"]
      let near = meant[text.lowercased()] ?? Suggestion.nearest(to: text, of: ["true", "false"])
      throw InvalidValue("is neither true nor false\(Suggestion.question(near))")
    }
  }
}
