internal import Base
internal import Decoders
internal import Meters

/// A fake electricity meter that pushes SML files through its infrared eye.
struct SimulatedSMLMeter: Sendable {
  enum Model: Sendable {
    /// EMH eHZ: power without a sign, direction in the old status word, a public key.
    case emh
    /// DZG: positive powers that are marked as signed, in as few bytes as they need.
    case dzg
    /// ISKRA MT631: whole kWh and no power, until its PIN is entered after two minutes.
    case iskra
  }

  let model: Model
  /// Of an ISKRA: seconds until its PIN is entered.
  var lockedSeconds: Int64 = 120
  private let number: UInt32
  private var electricity: SimulatedElectricity
  private var first: Int64?
  private var files: UInt32 = 0

  /// - Parameters:
  ///   - model: which meter it is.
  ///   - ordinal: 0 for the first of its kind; each has a number of its own.
  ///   - seed: equal seeds give equal days.
  init(_ model: Model, ordinal: Int = 0, seed: UInt64) {
    self.model = model
    number = 70_000_001 + UInt32(truncatingIfNeeded: ordinal)
    var registers = SimulatedElectricity.Registers()
    registers.energyImport = [2_043_104, 0]
    registers.energyExport = [model == .dzg ? 512_700 : 0, 0]
    registers.power = [212, 96, 48]
    electricity = SimulatedElectricity(start: registers, solarPeak: model == .dzg ? 4000 : 0, seed: seed)
  }

  /// The number that is printed on it.
  var serial: String {
    switch model {
    case .emh: Hexadecimal.text(serverID)
    case .dzg: "1DZG00\(number)"
    case .iskra: "1ISK00\(number)"
    }
  }

  /// How often it sends.
  var interval: Milliseconds { .seconds(model == .emh ? 2 : 1) }

  private var serverID: [UInt8] {
    let digits = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
    switch model {
    case .emh: return [0x06] + Array("EMH".utf8) + [0x01, 0x02] + digits
    case .dzg: return [0x0A, 0x01] + Array("DZG".utf8) + [0x00] + digits
    case .iskra: return [0x0A, 0x01] + Array("ISK".utf8) + [0x00] + digits
    }
  }

  /// One file. The first shows the start values.
  mutating func file(at time: WallTime) -> [UInt8] {
    electricity.advance(to: time)
    let second = electricity.second ?? 0
    let running = second - (first ?? second)
    if first == nil { first = second }
    files &+= 1
    var writer = SMLWriter(transaction: files &* 3)
    writer.message(0x0101) { open in
      open.list(6)
      open.absent()
      open.absent()
      open.octets([0x00, 0x00, UInt8(truncatingIfNeeded: files >> 8), UInt8(truncatingIfNeeded: files)])
      open.octets(serverID)
      open.absent()
      open.absent()
    }
    writer.message(0x0701) { message in
      message.list(7)
      message.absent()
      message.octets(serverID)
      if model == .emh { message.absent() } else { message.octets([0x01, 0x00, 0x62, 0x0A, 0xFF, 0xFF]) }
      message.secondsIndex(1_000_000 + running)
      values(isLocked: model == .iskra && running < lockedSeconds, into: &message)
      message.absent()
      message.absent()
    }
    writer.message(0x0201) { close in
      close.list(1)
      close.absent()
    }
    return writer.file()
  }

  // MARK: The list

  private typealias Entry = (inout SMLWriter) -> Void

  private func values(isLocked: Bool, into writer: inout SMLWriter) {
    let registers = electricity.registers
    let drawn = registers.energyImport.reduce(0) { $0 + $1.count }
    let fed = registers.energyExport.reduce(0) { $0 + $1.count }
    let power = registers.totalPower
    var entries: [Entry] = []
    switch model {
    case .emh:
      entries = [
        Self.text([129, 129, 199, 130, 3, 255], Array("EMH".utf8)), Self.text([1, 0, 0, 0, 9, 255], serverID),
        Self.energy(1, drawn, status: power < 0 ? 0x01A2 : 0x0182),
        Self.power(0x0F, scaler: -1) { $0.signed(abs(power) * 10, 4) },
        Self.text([129, 129, 199, 130, 5, 255], (0..<48).map { UInt8(($0 * 37 + 11) & 0xFF) }),
      ]
    case .dzg:
      entries = [
        Self.text([1, 0, 96, 50, 1, 1], Array("DZG".utf8)), Self.text([1, 0, 96, 1, 0, 255], serverID),
        Self.energy(1, drawn, status: power < 0 ? 0x1C_0904 : 0x1C_0104), Self.energy(2, fed),
        Self.power(0x10, scaler: -2) { Self.writeFaultyPower(power * 100, into: &$0) },
      ]
    case .iskra:
      entries = [
        Self.text([1, 0, 96, 50, 1, 1], Array("ISK".utf8)), Self.text([1, 0, 96, 1, 0, 255], serverID),
        Self.energy(1, drawn, status: 0x1C_0104, isLocked: isLocked), Self.energy(2, fed, isLocked: isLocked),
      ]
      if !isLocked { entries.append(Self.power(0x10, scaler: 0) { $0.signed(power, 4) }) }
    }
    writer.list(entries.count)
    for entry in entries { entry(&writer) }
  }

  /// A positive number in as few bytes as it needs without a sign, but marked as signed.
  private static func writeFaultyPower(_ power: Int64, into writer: inout SMLWriter) {
    guard power >= 0 else { return writer.signed(power, 4) }
    writer.signed(power, power < 1 << 8 ? 1 : power < 1 << 16 ? 2 : 3)
  }

  private static func text(_ code: [UInt8], _ octets: [UInt8]) -> Entry {
    { writer in
      writer.list(7)
      writer.octets(code)
      for _ in 0..<4 { writer.absent() }
      writer.octets(octets)
      writer.absent()
    }
  }

  /// A total in tenths of a watt-hour, or in whole kilowatt-hours.
  private static func energy(_ direction: UInt8, _ count: Int64, status: Int64? = nil, isLocked: Bool = false) -> Entry
  {
    { writer in
      writer.list(7)
      writer.octets([1, 0, direction, 8, 0, 255])
      if let status { writer.unsigned(status, 4) } else { writer.absent() }
      writer.absent()
      writer.unsigned(30, 1)
      writer.signed(isLocked ? 3 : -1, 1)
      writer.unsigned(isLocked ? count / 1000 : count * 10, isLocked ? 2 : 8)
      writer.absent()
    }
  }

  private static func power(_ quantity: UInt8, scaler: Int64, _ value: @escaping (inout SMLWriter) -> Void) -> Entry {
    { writer in
      writer.list(7)
      writer.octets([1, 0, quantity, 7, 0, 255])
      writer.absent()
      writer.absent()
      writer.unsigned(27, 1)
      writer.signed(scaler, 1)
      value(&writer)
      writer.absent()
    }
  }
}

/// An infrared eye that pushes a file every second or two.
struct SMLSimulation: LineSimulation {
  private var meter: SimulatedSMLMeter
  private var due: Instant?

  init(_ meter: SimulatedSMLMeter) { self.meter = meter }

  var line: LineSettings { LineSettings(baud: 9600, dataBits: 8, parity: .none, stopBits: 1) }
  var wakes: Instant? { due }

  mutating func due(at moment: SimulatedMoment) -> [Transmission] {
    let due = due ?? moment.now
    guard moment.now >= due else { return [] }
    self.due = moment.now + meter.interval
    return [Transmission(bytes: meter.file(at: moment.world), start: moment.now)]
  }

  /// The meter only sends.
  mutating func receive(_ bytes: [UInt8], at moment: SimulatedMoment) -> [Transmission] { [] }

  mutating func listenerLeft() { due = nil }
}
