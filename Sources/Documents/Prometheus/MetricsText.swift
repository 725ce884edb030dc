internal import Base
internal import Decoders

/// Writes families and samples in one of the formats.
struct MetricsText {
  let format: MetricsFormat
  var bytes: [UInt8] = []

  enum Kind: String {
    case counter, gauge
    /// Labels that describe a thing; the value is 1.
    case info
  }

  init(_ format: MetricsFormat) { self.format = format }

  /// Begins a family.
  ///
  /// - Parameters:
  ///   - name: without `_total` and `_info`.
  ///   - kind: its type.
  ///   - unit: the end of the name, or empty.
  ///   - help: a sentence.
  /// - Returns: the name of its samples.
  mutating func family(_ name: String, _ kind: Kind, unit: String = "", help: String) -> String {
    let sample =
      switch kind {
      case .counter: name + "_total"
      case .gauge: name
      case .info: name + "_info"
      }
    switch format {
    case .text:
      write("# HELP \(sample) \(help)\n# TYPE \(sample) \(kind == .info ? "gauge" : kind.rawValue)\n")
    case .openMetrics:
      write("# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n")
      if !unit.isEmpty { write("# UNIT \(name) \(unit)\n") }
    }
    return sample
  }

  /// A sample of a rare family.
  mutating func sample(_ name: String, _ value: FixedDecimal, _ labels: [(name: String, value: String?)] = []) {
    begin(name, labels)
    value.write(into: &bytes)
    bytes.append(UInt8(ascii: "\n"))
  }

  /// Name and labels of a sample, up to its value.
  mutating func begin(_ name: String, _ labels: [(name: String, value: String?)]) {
    write(name)
    var separator = "{"
    for case (let label, let text?) in labels {
      write("\(separator)\(label)=\"")
      escape(text)
      write("\"")
      separator = ","
    }
    if separator == "," { write("}") }
    bytes.append(UInt8(ascii: " "))
  }

  mutating func sample(_ name: String, _ value: some BinaryInteger, _ labels: [(name: String, value: String?)] = []) {
    sample(name, FixedDecimal(Int64(clamping: value)), labels)
  }

  mutating func write(_ text: String) { bytes.append(contentsOf: text.utf8) }

  /// The value of a label may have any character, three of them behind a backslash.
  private mutating func escape(_ text: String) {
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\\"), UInt8(ascii: "\""):
        bytes.append(UInt8(ascii: "\\"))
        bytes.append(byte)
      case 0x0A: write("\\n")
      default: bytes.append(byte)
      }
    }
  }
}
