import Testing

/// A text with a mistake in it, and what is said of it.
struct WrongConfiguration: Sendable, CustomTestStringConvertible {
  var text: String
  var lines: [String]
  var testDescription: String { text }

  init(_ text: String, _ lines: String...) {
    self.text = text
    self.lines = lines.map { "m.yaml:\($0)" }
  }

  /// A setting under `mqtt`, at 1:7 and 1:(9 + key).
  static func mqtt(_ setting: String, _ lines: String...) -> WrongConfiguration {
    var mistake = WrongConfiguration("mqtt: {\(setting)}\n" + rightMeter)
    mistake.lines = lines.map { "m.yaml:1:\($0)" }
    return mistake
  }

  /// A setting of a meter, in line 5 from column 5 on.
  static func meter(_ setting: String, protocol name: String = "mbus", _ lines: String...) -> WrongConfiguration {
    var mistake = WrongConfiguration(
      "meters:\n  - id: a\n    protocol: \(name)\n    source: /dev/ttyUSB0\n    \(setting)\n")
    mistake.lines = lines.map { "m.yaml:5:\($0)" }
    return mistake
  }
}
