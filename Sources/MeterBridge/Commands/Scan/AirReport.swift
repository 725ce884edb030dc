internal import Base
internal import Decoders
internal import Meters

/// What is in the air, for people and for the configuration.
struct AirReport {
  let meters: [AirSurvey.Meter]
  /// As on the command line.
  let source: String
  var receiver = WirelessReception.Receiver.auto
  /// Whether the keys are comments: for a configuration that is right before their files are there.
  var hidesKeys = false

  init(_ meters: [AirSurvey.Meter], source: String, receiver: WirelessReception.Receiver = .auto) {
    self.meters = meters
    self.source = source
    self.receiver = receiver
  }

  private static let columns = [
    "NUMBER", "MAKER", "MODEL", "MEDIUM", "TELEGRAMS", "INTERVAL", "ENCRYPTION", "DBM",
  ]

  private static func cells(_ meter: AirSurvey.Meter) -> [String] {
    [
      meter.address.number, meter.address.letters, meter.model ?? "-", meter.medium.name, String(meter.telegrams),
      meter.seenInterval.map { "\(max(1, ($0.count + 500) / 1000)) s" } ?? "-", encryption(meter),
      meter.strength.map { "\($0)" } ?? "-",
    ]
  }

  private static func encryption(_ meter: AirSurvey.Meter) -> String {
    switch meter.protection {
    case .plain: "none"
    case .mode(let mode): "mode \(mode)"
    case .session: "link layer"
    case .open(let mode): "mode \(mode), readable"
    case .makersOwn: "maker's own frame"
    }
  }

  /// A table, as comments of YAML, so that all output can go into a file.
  var table: String {
    TextTable.lines([Self.columns] + meters.map(Self.cells), right: [4, 5, 7]).map { "# \($0)" }.joined()
  }

  /// For a spreadsheet (RFC 4180), with a header.
  var csv: String { CSV.text([Self.columns.map { $0.lowercased() }] + meters.map(Self.cells)) }

  /// The block `meters`. Meters whose frames cannot be read are comments.
  var configuration: String {
    let numbers = Dictionary(grouping: meters, by: \.address.number)
    var ids: Set<String> = []
    let lines = meters.flatMap { meter -> [String] in
      let number = meter.address.number
      let base = "\(meter.medium == .other ? "meter" : meter.medium.name)_\(number.lowercased())"
      let id = ids.contains(base) ? (2...).lazy.map { "\(base)_\($0)" }.first { !ids.contains($0) } ?? base : base
      ids.insert(id)
      return entry(meter, id, isAlone: numbers[number]?.count == 1)
    }
    return (["meters:"] + lines).map { $0 + "\n" }.joined()
  }

  private func entry(_ meter: AirSurvey.Meter, _ id: String, isAlone: Bool) -> [String] {
    let address = meter.address
    let title = meter.model ?? meter.medium.name.replacing("_", with: " ")
    let name = "\(title.prefix(1).uppercased())\(title.dropFirst()) \(address.number)"
    var lines = [
      "  - id: \(id)", "    name: \(FirstConfiguration.scalar(name))", "    protocol: wmbus",
      "    source: \(FirstConfiguration.scalar(source))",
    ]
    if receiver != .auto { lines.append("    receiver: \(receiver.rawValue)") }
    lines.append("    address: \(isAlone ? address.number : MBusAddress.secondary(address.selected).marked)")
    if meter.needsKey {
      lines.append("    \(hidesKeys ? "# " : "")key: !file /etc/meterbridge/keys/\(id)    # 32 hexadecimal digits")
    }
    guard meter.protection == .makersOwn else { return lines }
    return ["  # its frames cannot be read"] + lines.map { "  # " + $0.dropFirst(2) }
  }
}
