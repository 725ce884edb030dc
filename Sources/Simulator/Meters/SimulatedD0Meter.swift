internal import Base
internal import Decoders
internal import Meters

/// A meter of IEC 62056-21: what it is called, and its lines at a time.
struct SimulatedD0Meter: Sendable {
  enum Kind: Sendable {
    /// Electricity, mode C up to 9600 Bd.
    case electricity
    /// A heat meter that sleeps, mode B with 2400 Bd.
    case heat
    /// Electricity, mode D: a telegram each two seconds at 9600 Bd.
    case push
  }

  let kind: Kind
  let serial: String
  private var electricity: SimulatedElectricity
  private var heat: SimulatedHeat

  init(_ kind: Kind, ordinal: Int, seed: UInt64) {
    self.kind = kind
    let first =
      switch kind {
      case .electricity: 99_920_001
      case .heat: 99_930_001
      case .push: 99_940_001
      }
    serial = "\(first + ordinal)"
    electricity = SimulatedElectricity(
      start: SimulatedElectricity.Registers(
        tariff: 1, energyImport: [8_412_300, 3_015_700],
        energyExport: [0, 0], power: [310, 180, 140]),
      tariffs: .belgian, seed: seed)
    let heatStart = SimulatedHeat.Registers(
      energy: 74_900, volume: 414_248, onTime: 41_000, errorTime: 2, flowTemperature: 6150, returnTemperature: 4120,
      flow: 420)
    heat = SimulatedHeat(start: heatStart, month: heatStart, seed: seed)
  }

  /// The line with which it sends the data.
  var identification: String {
    switch kind {
    case .electricity: "/XYs5SIM-C"
    case .heat: "/XYZCSIM-HEAT"
    case .push: "/XYZ5SIM-PUSH"
    }
  }

  /// The whole readout: identification, and a block with its check character, or without one.
  mutating func readout(at time: WallTime, repeats: Int = 1) -> [UInt8] {
    let head = Array((identification + "\r\n").utf8)
    let lines = lines(at: time)
    // Values of earlier periods.
    let older = (1..<max(1, repeats)).flatMap { period in
      lines.dropFirst().map { $0.prefix { $0 != "(" } + "*\(period)" + $0.drop { $0 != "(" } }
    }
    let text = (lines + older.map { String($0) }).map { $0 + "\r\n" }.joined() + "!\r\n"
    if kind == .push { return head + [0x0D, 0x0A] + Array(text.utf8) }
    let block = Array(text.utf8) + [0x03]
    return head + [0x02] + block + [block.reduce(0, ^)]
  }

  private mutating func lines(at time: WallTime) -> [String] {
    switch kind {
    case .heat:
      heat.advance(to: time)
      let now = heat.registers
      return [
        "9.20(\(serial))6.8(\(digits(now.energy.count, 7))*kWh)6.26(\(decimal(now.volume.count, 2, 5))*m3)",
        "6.4(\(decimal(now.power / 100, 1, 4))*kW)6.27(\(decimal(now.flow, 3, 3))*m3ph)",
        "6.29(\(decimal(now.flowTemperature / 10, 1, 3))*C)6.28(\(decimal(now.returnTemperature / 10, 1, 3))*C)",
        "6.31(\(digits(now.onTime.count, 7))*h)6.32(\(digits(now.errorTime, 7))*h)F(0)",
      ]
    case .electricity, .push:
      electricity.advance(to: time)
      let now = electricity.registers
      let tariffs = now.energyImport.map(\.count)
      let total = tariffs.reduce(0, +)
      let prefix = kind == .push ? "1-0:" : ""
      let suffix = kind == .push ? "*255" : ""
      func line(_ code: String, _ value: String) -> String { "\(prefix)\(code)\(suffix)(\(value))" }
      var lines = [
        line(kind == .push ? "96.1.0" : "0.0.0", serial), line("1.8.0", "\(decimal(total, 3, 7))*kWh"),
        line("1.8.1", "\(decimal(tariffs[0], 3, 7))*kWh"), line("1.8.2", "\(decimal(tariffs[1], 3, 7))*kWh"),
        line("16.7.0", "\(digits(now.totalPower, 6))*W"),
      ]
      if kind == .electricity { lines.append("F.F(00000000)") }
      return lines
    }
  }

  private func digits(_ value: Int64, _ width: Int) -> String {
    let text = String(abs(value))
    return (value < 0 ? "-" : "") + String(repeating: "0", count: max(0, width - text.count)) + text
  }

  /// A value with so many decimals, and so many digits before the point.
  private func decimal(_ value: Int64, _ decimals: Int, _ whole: Int) -> String {
    let text = digits(value, decimals + whole)
    return "\(text.dropLast(decimals)).\(text.suffix(decimals))"
  }
}
