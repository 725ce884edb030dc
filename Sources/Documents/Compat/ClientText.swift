internal import Base
internal import Decoders

/// The text format of Prometheus as Python's `prometheus_client` writes it: numbers are floats.
struct ClientText {
  private var text = MetricsText(.text)

  var bytes: [UInt8] { text.bytes }

  /// Begins a family.
  ///
  /// - Parameters:
  ///   - name: without `_total`.
  ///   - kind: a counter or a gauge.
  ///   - help: a sentence.
  /// - Returns: the name of its samples.
  mutating func family(_ name: String, _ kind: MetricsText.Kind, help: String) -> String {
    text.family(name, kind, help: help)
  }

  /// Adds a sample. Labels stand in alphabetical order, as the client writes them.
  mutating func sample(_ name: String, _ labels: [(name: String, value: String?)], _ value: FixedDecimal) {
    text.begin(name, labels)
    text.write("\(Self.float(value))\n")
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
