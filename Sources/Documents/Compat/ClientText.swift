internal import Base
internal import Decoders

/// The text format of Prometheus as Python's `prometheus_client` writes it: HELP and TYPE of each family, labels in
/// alphabetical order, numbers as floats.
struct ClientText {
  private(set) var bytes: [UInt8] = []

  /// Begins a family. Samples follow.
  mutating func family(_ name: String, help: String, type: String) {
    bytes.append(contentsOf: "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n".utf8)
  }

  mutating func sample(_ name: String, _ labels: KeyValuePairs<String, String>, _ value: FixedDecimal) {
    bytes.append(contentsOf: name.utf8)
    if !labels.isEmpty {
      let written = labels.map { "\($0.key)=\"\(Self.escaped($0.value))\"" }
      bytes.append(contentsOf: "{\(written.joined(separator: ","))}".utf8)
    }
    bytes.append(contentsOf: " \(Self.float(value))\n".utf8)
  }

  private static func escaped(_ label: String) -> String {
    var text = ""
    for character in label.unicodeScalars {
      switch character {
      case "\\": text += "\\\\"
      case "\"": text += "\\\""
      case "\n": text += "\\n"
      default: text.unicodeScalars.append(character)
      }
    }
    return text
  }

  /// A number as the client prints a float: `104.19`, `1160.0`, and from a million on `1.78572e+06`.
  static func float(_ value: FixedDecimal) -> String {
    let plain = value.description
    let parts = plain.split(separator: ".")
    let whole = parts[0]
    let fraction = parts.count > 1 ? String(parts[1]).trimmingZeros : ""
    guard value.mantissa > 0, whole.count > 6 else { return "\(whole).\(fraction.isEmpty ? "0" : fraction)" }
    let digits = "\(whole.dropFirst())\(fraction)".trimmingZeros
    let power = whole.count - 1
    return "\(whole.prefix(1))\(digits.isEmpty ? "" : ".")\(digits)e+\(power < 10 ? "0" : "")\(power)"
  }
}

extension String {
  fileprivate var trimmingZeros: String {
    var text = self
    while text.last == "0" { text.removeLast() }
    return text
  }
}
