internal import Base
internal import Decoders
internal import Meters

/// What a scan found, for people and for the configuration.
struct ScanReport {
  /// A meter with what its telegram says.
  struct Row: Equatable {
    var meter: ScannedMeter
    var number: String?
    var maker: String?
    var model: String?
    var medium: Medium
    /// The first values, as on the topics: `energy 1160 kWh`.
    var values: [String]
    /// How the configuration names it; nil if nothing tells it from others.
    var address: String?
  }

  let source: String
  let isSerial: Bool
  private(set) var rows: [Row]

  /// Values of a meter in the table.
  private static let valuesShown = 3
  /// The line of the protocol needs no setting.
  private static let usualBaud = ProtocolDescription.mbus.line.baud

  /// - Parameters:
  ///   - findings: of a scan that is finished or interrupted.
  ///   - source: as on the command line.
  ///   - isSerial: whether the program sets the line's speed.
  init(_ findings: ScanFindings, source: String, isSerial: Bool) {
    self.source = source
    self.isSerial = isSerial
    rows = findings.meters.map(Self.row)
    for index in rows.indices { rows[index].address = Self.address(of: rows[index].meter, among: findings) }
  }

  private static func row(_ meter: ScannedMeter) -> Row {
    let settings = MeterSettings(id: "", meterProtocol: .mbus, source: .standardInput, sourceText: "-")
    var decoder = ProtocolDescription.mbus.decoder(settings)
    var telegrams: [Telegram] = []
    try? decoder.decode(meter.frame.span, into: &telegrams)
    guard var telegram = telegrams.first else {
      let identity = meter.sender.identity
      let number = identity.count >= 4 ? Hexadecimal.text(identity.prefix(4).reversed()) : nil
      return Row(meter: meter, number: number, medium: .other, values: [])
    }
    var adjustment = Adjustment(settings)
    adjustment.apply(to: &telegram)
    let reading = telegram.readings[0]
    let values = reading.fields.lazy.compactMap { field -> String? in
      guard case .number(let value) = field.value, field.key.name != .code else { return nil }
      return "\(reading.topicLevel(field)) \(value) \(reading.unitSymbol(field))"
    }
    return Row(
      meter: meter, number: reading.meterNumber, maker: reading.manufacturerName, model: reading.modelName,
      medium: reading.meter.medium, values: Array(values.prefix(valuesShown)))
  }

  /// The primary address if the meter alone has it, and it is not that of the factory; else the secondary one.
  private static func address(of meter: ScannedMeter, among findings: ScanFindings) -> String? {
    let (primary, identity) = (meter.sender.address, meter.sender.identity)
    let hasPrimary =
      primary <= 250 && !findings.shared.contains(primary)
      && findings.meters.count { $0.sender.address == primary } == 1
    if hasPrimary, primary != 0 || !meter.isSelectable { return String(primary) }
    guard identity.count == 8, meter.isSelectable,
      findings.meters.count(where: { $0.sender.identity == identity }) == 1
    else { return hasPrimary ? String(primary) : nil }
    return secondary(meter).map { "\"\($0)\"" }
  }

  /// 16 digits; nil for a telegram without a long header.
  private static func secondary(_ meter: ScannedMeter) -> String? {
    let identity = meter.sender.identity
    guard identity.count == 8 else { return nil }
    return Hexadecimal.text(identity.prefix(4).reversed()) + Hexadecimal.text(identity.dropFirst(4))
  }

  // MARK: For people

  private static let columns = ["ADDRESS", "SECONDARY", "NUMBER", "MAKER", "MODEL", "MEDIUM", "BAUD", "VALUES"]

  private func cells(_ row: Row) -> [String] {
    let primary = row.meter.sender.address
    return [
      primary <= 250 ? String(primary) : "-", Self.secondary(row.meter) ?? "-", row.number ?? "-", row.maker ?? "-",
      row.model ?? "-", row.medium.name, String(row.meter.baud), row.values.joined(separator: ", "),
    ]
  }

  /// A table, as comments of YAML, so that all output can go into a file.
  var table: String {
    TextTable.lines([Self.columns] + rows.map(cells)).map { "# \($0)" }.joined()
  }

  /// For a spreadsheet (RFC 4180), with a comma and a header.
  var csv: String {
    CSV.text([Self.columns.map { $0.lowercased() }] + rows.map(cells))
  }

  // MARK: For the configuration

  /// The block `meters`. Meters that it cannot name are comments.
  var configuration: String {
    var ids: Set<String> = []
    let lines = rows.flatMap { row in
      var id = Self.id(of: row)
      if !ids.insert(id).inserted {
        let first = id
        id = (2...).lazy.map { "\(first)_\($0)" }.first { !ids.contains($0) } ?? first
        ids.insert(id)
      }
      return entry(row, id)
    }
    return (["meters:"] + lines).map { $0 + "\n" }.joined()
  }

  private static func id(of row: Row) -> String {
    let base = row.medium == .other ? "meter" : row.medium.name
    return ([base] + (row.number.map { [$0.lowercased()] } ?? [])).joined(separator: "_")
  }

  private func entry(_ row: Row, _ id: String) -> [String] {
    let title = [row.model ?? row.medium.name.replacing("_", with: " "), row.number].compactMap(\.self)
    var lines = [
      "  - id: \(id)", "    name: \(FirstConfiguration.scalar(Self.capitalised(title.joined(separator: " "))))",
      "    protocol: mbus", "    source: \(FirstConfiguration.scalar(source))",
    ]
    if isSerial, row.meter.baud != Self.usualBaud { lines.append("    line: \(row.meter.baud) 8E1") }
    lines.append("    address: \(row.address ?? "…")")
    // Each answer costs a battery; meters of electricity have none.
    if row.medium != .electricity { lines.append("    interval: 1h") }
    if let obstacle = obstacle(row) { return ["  # \(obstacle)"] + lines.map { "  # " + $0.dropFirst(2) } }
    return lines
  }

  /// Why a meter cannot be read as it is.
  private func obstacle(_ row: Row) -> String? {
    if row.address == nil {
      return "others have the same addresses; give it an address of its own while it is alone on the line"
    }
    guard isSerial, let first = rows.first(where: { $0.address != nil }), row.meter.baud != first.meter.baud else {
      return nil
    }
    return "a line has one speed: this meter answers at \(row.meter.baud) baud, the first one at \(first.meter.baud)"
  }

  private static func capitalised(_ text: String) -> String {
    text.prefix(1).uppercased() + text.dropFirst()
  }
}
