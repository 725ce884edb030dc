internal import Base
internal import Decoders
internal import Meters

/// A first configuration, from what was heard and answered, and its text.
struct FirstConfiguration: Equatable {
  struct Meter: Equatable {
    var id: String
    var meterProtocol: ProtocolDescription
    /// As in the configuration.
    var source: String
    /// Nil for those of the protocol.
    var line: LineSettings?
    /// M-Bus: nil for the only meter on the line.
    var address: Int?
    /// D0: what wakes the meter; nil where nothing is needed.
    var wake: D0Polling.Wake?
    /// Keys whose values are in files: the key, and the file's name.
    var secrets: [Secret] = []
    /// Keys that must be added before the meter can be read.
    var missing: [String] = []
    /// What was heard, for a comment.
    var heard: String?
    /// What to do before the meter can be read, for comments.
    var hints: [String] = []
  }

  /// A setting whose value is in a file of the folder `secrets`.
  struct Secret: Equatable {
    var key: String
    var file: String
  }

  var host = "localhost"
  /// Nil for 1883.
  var port: UInt16?
  var username: String?
  var password: Secret?
  var meters: [Meter] = []

  /// The folder of the files with secrets, beside the configuration. The service gets it by `LoadCredential=`.
  static let secretsFolder = "secrets"
  /// The port that brokers have for TLS.
  static let portOfTLS: UInt16 = 8883

  /// The text of the file.
  var text: String {
    var lines = [
      "# Written by `meterbridge init`. docs/CONFIGURATION.md lists every setting.", "", "mqtt:",
      "  host: \(Self.scalar(host))",
    ]
    if let port { lines.append("  port: \(port)") }
    // With the authorities of the system; one of your own is `ca_file`.
    if port == Self.portOfTLS { lines.append("  tls: {}") }
    if let username { lines.append("  username: \(Self.scalar(username))") }
    if let password { lines.append("  \(Self.line(password))") }
    lines += ["", "meters:"]
    for meter in meters { lines += Self.lines(meter) }
    return lines.map { $0 + "\n" }.joined()
  }

  /// The section `meters` with one meter.
  static func block(_ meter: Meter) -> String { (["meters:"] + lines(meter)).map { $0 + "\n" }.joined() }

  /// How to find the number of a wireless meter.
  static func hintOfReceiver(_ address: SourceAddress) -> String {
    "`meterbridge scan --receiver auto \(address.written)` lists the meters in the air. Without `address`, the eight digits on "
      + "the meter, this entry takes the telegrams of all"
  }

  private static func lines(_ meter: Meter) -> [String] {
    var lines = ([meter.heard].compactMap(\.self) + meter.hints).map { "  # \($0)" }
    lines += [
      "  - id: \(meter.id)", "    protocol: \(meter.meterProtocol.name)", "    source: \(scalar(meter.source))",
    ]
    if let line = meter.line { lines.append("    line: \(line)") }
    if let address = meter.address { lines.append("    address: \(address)") }
    if let wake = meter.wake { lines.append("    wake: \(wake.rawValue)") }
    lines += meter.secrets.map { "    \(line($0))" }
    lines += meter.missing.map { "    # \(line(Secret(key: $0, file: fileName(of: $0, meter.id))))" }
    return lines
  }

  private static func line(_ secret: Secret) -> String { "\(secret.key): !file \(secretsFolder)/\(secret.file)" }

  /// The file of a meter's secret: `grid-key`, `house-route-b-id`.
  static func fileName(of key: String, _ id: String) -> String { "\(id)-\(key.replacing("_", with: "-"))" }

  /// The same with its folder, beside the configuration.
  static func place(of key: String, _ id: String) -> String { "\(secretsFolder)/\(fileName(of: key, id))" }

  /// A text in YAML: as it is, or in quotes where YAML could read it otherwise. JSON's quotes are YAML's.
  static func scalar(_ text: String) -> String {
    let isPlain = text.utf8.allSatisfy { isLetter($0) || isDigit($0) || [0x2D, 0x2E, 0x2F, 0x5F].contains($0) }
    let isWord = ["true", "false", "yes", "no", "on", "off", "null"].contains(text.lowercased())
    if isPlain, !isWord, let first = text.utf8.first, isLetter(first) || first == UInt8(ascii: "/") { return text }
    var json = JSONText()
    json.value(text)
    return json.text
  }

  /// An id for the next meter: after what it measures, with a number if that is taken.
  func freeID(for medium: Medium?) -> String {
    let base =
      switch medium {
      case .electricity: "grid"
      case .other, nil: "meter"
      case .some(let medium): medium.name
      }
    let taken = Set(meters.map(\.id))
    if !taken.contains(base) { return base }
    return (2...).lazy.map { "\(base)_\($0)" }.first { !taken.contains($0) } ?? base
  }
}
