internal import Base
internal import Decoders
internal import Meters

/// A fake meter with a customer port, which pushes its telegrams.
struct SimulatedP1Meter: Sendable {
  /// The rules that the telegram follows.
  enum Dialect: Sendable {
    /// DSMR 5.0.2 (the Netherlands).
    case netherlands5
    /// eMUCS-P1 1.7 (Flanders, Wallonia).
    case belgium
    /// DSMR 2.2 and 3.0: no checksum, 7E1, every ten seconds.
    case netherlands2
    /// Luxmetering E-Meter P1.
    case luxembourg
    /// Stoen Operator in Warsaw.
    case poland
    /// Swedish Energy Agency's recommendation for HAN ports.
    case sweden
  }

  let dialect: Dialect
  /// The number that the telegram carries; nil where its dialect has none.
  let serial: String?
  private(set) var electricity: SimulatedElectricity
  /// Gas behind the meter, on channel 1.
  private(set) var gas: SimulatedVolume?
  /// Water behind the meter, on channel 2.
  private(set) var water: SimulatedVolume?
  /// Nil for telegrams in plain.
  var cipher: SimulatedCipher?

  /// - Parameters:
  ///   - dialect: whose rules the telegram follows.
  ///   - ordinal: 0 for the first of its kind; each has a number of its own.
  ///   - registers: what it shows at first; nil for a house of the usual size.
  ///   - gasLitres: what the gas meter shows at first.
  ///   - waterLitres: what the water meter shows at first.
  ///   - cipher: around the telegrams; nil for telegrams in plain.
  ///   - seed: equal seeds give equal days.
  init(
    _ dialect: Dialect, ordinal: Int = 0, registers: SimulatedElectricity.Registers? = nil,
    gasLitres: Int64 = 2_318_427, waterLitres: Int64 = 872_234, cipher: SimulatedCipher? = nil,
    seed: UInt64
  ) {
    self.dialect = dialect
    self.cipher = cipher
    serial = dialect.serialStem.map { $0 + String((12_345 + ordinal) % 1_000_000, width: 6) }
    electricity = SimulatedElectricity(
      start: registers ?? dialect.usualRegisters, tariffs: dialect.tariffs, solarPeak: dialect.usualSolarPeak,
      countsQuarterHours: dialect == .belgium, seed: seed)
    if dialect.hasGas {
      gas = SimulatedVolume(
        start: gasLitres, flow: 410, use: .heating, interval: dialect == .netherlands2 ? 3600 : 300, seed: seed &+ 1)
    }
    if dialect == .belgium {
      water = SimulatedVolume(start: waterLitres, flow: 480, use: .taps, interval: 300, seed: seed &+ 2)
    }
  }

  /// The telegram of a moment. The first one shows the start values.
  mutating func telegram(at time: WallTime) -> [UInt8] {
    advance(to: time)
    let text = text()
    guard let envelope = cipher?.envelope(text) else { return text }
    // In Poland the identification stays in plain, and the cipher begins without its first byte.
    return dialect == .poland ? Array("/\(Self.polishIdentification)\r\n\r\n".utf8) + envelope.dropFirst() : envelope
  }

  private func text() -> [UInt8] {
    switch dialect {
    case .netherlands5: netherlands5Telegram()
    case .belgium: belgianTelegram()
    case .netherlands2: netherlands2Telegram()
    case .luxembourg: luxembourgTelegram()
    case .poland: polishTelegram()
    case .sweden: swedishTelegram()
    }
  }

  /// The time of the telegram, in seconds since 1970.
  var second: Int64 { electricity.second ?? 0 }

  private mutating func advance(to time: WallTime) {
    gas?.advance(to: time)
    water?.advance(to: time)
    electricity.advance(to: time)
  }
}

extension SimulatedP1Meter.Dialect {
  /// Seconds between two telegrams.
  var interval: Milliseconds {
    switch self {
    case .netherlands5, .belgium: .seconds(1)
    case .netherlands2, .luxembourg, .poland, .sweden: .seconds(10)
    }
  }

  /// Line settings of the port.
  var line: LineSettings {
    self == .netherlands2
      ? LineSettings(baud: 9600, dataBits: 7, parity: .even, stopBits: 1)
      : LineSettings(baud: 115_200, dataBits: 8, parity: .none, stopBits: 1)
  }

  fileprivate var hasGas: Bool {
    switch self {
    case .netherlands5, .belgium, .netherlands2: true
    case .luxembourg, .poland, .sweden: false
    }
  }

  fileprivate var tariffs: SimulatedElectricity.TariffClock {
    switch self {
    case .netherlands5, .netherlands2: .dutch
    case .belgium: .belgian
    case .luxembourg, .poland, .sweden: .single
    }
  }

  fileprivate var usualSolarPeak: Int64 {
    switch self {
    case .netherlands5: 4200
    case .belgium: 3600
    case .luxembourg: 5000
    case .netherlands2, .poland, .sweden: 0
    }
  }

  /// The number on the plate without its last six digits.
  fileprivate var serialStem: String? {
    switch self {
    case .netherlands5: "E0047000012"
    case .belgium: "1SAG3100"
    case .netherlands2: "K8EG004046"
    case .luxembourg: "SAG1030700"
    case .poland: "30000"
    case .sweden: nil
    }
  }

  fileprivate var usualRegisters: SimulatedElectricity.Registers {
    var registers = SimulatedElectricity.Registers()
    registers.voltage = [23_140, 23_020, 22_970]
    registers.power = [214, 96, 385]
    registers.reactivePower = [-20, -41, 17]
    registers.current = [92, 42, 167]
    switch self {
    case .netherlands5:
      registers.energyImport = [4_312_845, 3_987_210]
      registers.energyExport = [812_004, 1_940_331]
    case .belgium:
      registers.energyImport = [1_043_608, 970_853]
      registers.energyExport = [302_963, 110_427]
    case .netherlands2:
      registers.energyImport = [12_345_678, 9_876_543]
      registers.energyExport = [0, 0]
    case .luxembourg:
      registers.energyImport = [5_675_956, 0]
      registers.energyExport = [1_204_002, 0]
      registers.reactiveImport = 120_721
      registers.reactiveExport = 697_336
    case .poland: registers.energyImport = [2_345_678, 0]
    case .sweden:
      registers.energyImport = [7_805_332, 0]
      registers.reactiveImport = 3239
      registers.reactiveExport = 1_945_988
    }
    return registers
  }
}
