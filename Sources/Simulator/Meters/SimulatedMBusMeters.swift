internal import Base
internal import Decoders

/// inepro PRO380-Mb: a three-phase meter with two tariffs. Storage 1, 2 and 3 are the phases, a minimum is export.
struct SimulatedPRO380: SimulatedMBusMeter {
  let identity: MBusIdentity
  private var electricity: SimulatedElectricity

  /// The registers at first.
  static let usualRegisters: SimulatedElectricity.Registers = {
    var registers = SimulatedElectricity.Registers()
    registers.energyImport = [1_785_720, 12_012_130]
    registers.phaseImport = [4_625_000, 4_590_100, 4_582_750]
    registers.power = [412, 236, 855]
    registers.voltage = [23_040, 22_980, 23_110]
    registers.current = [183, 105, 378]
    registers.powerFactor = 978
    return registers
  }()

  init(ordinal: Int = 0, registers: SimulatedElectricity.Registers = Self.usualRegisters, seed: UInt64) {
    // INM.
    identity = MBusIdentity(
      identification: MBusIdentity.following(0x1601_2345, by: ordinal), manufacturer: 0x25CD, version: 1, medium: 2)
    electricity = SimulatedElectricity(start: registers, tariffs: .dutch, seed: seed)
  }

  mutating func records(at time: WallTime) -> [SimulatedRecord] {
    electricity.advance(to: time)
    let registers = electricity.registers
    var records = Self.energy(registers.energyImport, registers.phaseImport, .instantaneous)
    records += Self.energy(registers.energyExport, registers.phaseExport, .minimum)
    records += Self.byPhase(.bcd6, [0xFD, 0x47], registers.voltage)
    records += Self.byPhase(.bcd6, [0xFD, 0x59], registers.current.map { $0 * 10 })
    records.append(SimulatedRecord(.bcd8, [0x2A], registers.totalPower * 10))
    records += Self.byPhase(.bcd8, [0x2A], registers.power.map { $0 * 10 })
    records.append(SimulatedRecord(.bcd4, [0xFB, 0x2D], registers.frequency))
    return records
  }

  /// In 10 Wh: the total, the phases, the tariffs.
  private static func energy(
    _ byTariff: [Totalizer], _ byPhase: [Totalizer], _ function: RecordFunction
  ) -> [SimulatedRecord] {
    func record(_ wattHours: Int64, storage: Int = 0, tariff: Int = 0) -> SimulatedRecord {
      SimulatedRecord(.bcd8, [0x04], wattHours / 10, function: function, storage: storage, tariff: tariff)
    }
    var records = [record(byTariff.reduce(0) { $0 + $1.count })]
    for (index, phase) in byPhase.enumerated() { records.append(record(phase.count, storage: index + 1)) }
    for (index, register) in byTariff.enumerated() { records.append(record(register.count, tariff: index + 1)) }
    return records
  }

  private static func byPhase(_ coding: SimulatedRecord.Coding, _ vib: [UInt8], _ values: [Int64]) -> [SimulatedRecord]
  {
    values.enumerated().map { SimulatedRecord(coding, vib, $1, storage: $0 + 1) }
  }
}

/// Kamstrup MULTICAL 303: a heat meter in the return pipe.
struct SimulatedMULTICAL303: SimulatedMBusMeter {
  let identity: MBusIdentity
  private var heat: SimulatedHeat

  /// The registers at first.
  static let usualRegisters: SimulatedHeat.Registers = {
    var registers = SimulatedHeat.Registers()
    registers.energy = 1160
    registers.volume = 10_419
    registers.inletProduct = 6174
    registers.outletProduct = 3992
    registers.onTime = 1087
    registers.errorTime = 2
    registers.flowTemperature = 5926
    registers.returnTemperature = 3831
    registers.power = 8200
    registers.maximumPower = 12_300
    registers.flow = 340
    registers.maximumFlow = 511
    return registers
  }()

  init(ordinal: Int = 0, registers: SimulatedHeat.Registers = Self.usualRegisters, seed: UInt64) {
    // KAM.
    identity = MBusIdentity(
      identification: MBusIdentity.following(0x8301_2345, by: ordinal), manufacturer: 0x2C2D, version: 0x40,
      medium: 4)
    var month = SimulatedHeat.Registers()
    month.energy = Totalizer(registers.energy.count * 22 / 25)
    month.volume = Totalizer(registers.volume.count * 22 / 25)
    month.inletProduct = Totalizer(registers.inletProduct.count * 22 / 25)
    month.outletProduct = Totalizer(registers.outletProduct.count * 22 / 25)
    month.maximumPower = registers.maximumPower
    month.maximumFlow = registers.maximumFlow
    heat = SimulatedHeat(start: registers, month: month, seed: seed)
  }

  mutating func records(at time: WallTime) -> [SimulatedRecord] {
    heat.advance(to: time)
    let now = heat.registers
    let month = heat.monthRegisters
    return Self.totals(now, storage: 0) + [
      SimulatedRecord(.int24, [0x22], now.onTime.count),
      SimulatedRecord(.int24, [0x22], now.errorTime, function: .error),
      SimulatedRecord(.int16, [0x59], now.flowTemperature),
      SimulatedRecord(.int16, [0x5D], now.returnTemperature),
      SimulatedRecord(.int16, [0x61], now.temperatureDifference),
      SimulatedRecord(.int16, [0x2D], now.power / 100),
      SimulatedRecord(.int16, [0x2D], now.maximumPower / 100, function: .maximum),
      SimulatedRecord(.int16, [0x3B], now.flow),
      SimulatedRecord(.int16, [0x3B], now.maximumFlow, function: .maximum),
      SimulatedRecord(.int32, [0xFF, 0x22], 0),
    ] + Self.totals(month, storage: 1) + [
      SimulatedRecord(.int16, [0x2D], month.maximumPower / 100, function: .maximum, storage: 1),
      SimulatedRecord(.int16, [0x3B], month.maximumFlow, function: .maximum, storage: 1),
      SimulatedRecord(.int16, [0x6C], LocalClock.standard.time(heat.monthStart).mbusDate, storage: 1),
    ]
  }

  private static func totals(_ registers: SimulatedHeat.Registers, storage: Int) -> [SimulatedRecord] {
    [
      SimulatedRecord(.int32, [0x06], registers.energy.count, storage: storage),
      SimulatedRecord(.int32, [0x14], registers.volume.count, storage: storage),
      SimulatedRecord(.int32, [0xFF, 0x07], registers.inletProduct.count, storage: storage),
      SimulatedRecord(.int32, [0xFF, 0x08], registers.outletProduct.count, storage: storage),
    ]
  }
}

/// A water or gas meter without a maker: volume, flow, clock, and the volume at the turn of the month.
struct SimulatedVolumeMeter: SimulatedMBusMeter {
  let identity: MBusIdentity
  private var volume: SimulatedVolume

  /// A cold water meter.
  static func water(ordinal: Int = 0, litres: Int64 = 187_344, seed: UInt64) -> SimulatedVolumeMeter {
    SimulatedVolumeMeter(
      medium: 7, MBusIdentity.following(0x7100_4711, by: ordinal),
      SimulatedVolume(start: litres, flow: 420, use: .taps, seed: seed))
  }

  /// A gas meter.
  static func gas(ordinal: Int = 0, litres: Int64 = 5_120_930, seed: UInt64) -> SimulatedVolumeMeter {
    SimulatedVolumeMeter(
      medium: 3, MBusIdentity.following(0x3400_0815, by: ordinal),
      SimulatedVolume(start: litres, flow: 610, use: .heating, seed: seed))
  }

  private init(medium: UInt8, _ identification: UInt32, _ volume: SimulatedVolume) {
    // SIM, an unassigned code.
    identity = MBusIdentity(identification: identification, manufacturer: 0x4D2D, version: 1, medium: medium)
    self.volume = volume
  }

  mutating func records(at time: WallTime) -> [SimulatedRecord] {
    volume.advance(to: time)
    return [
      SimulatedRecord(.bcd8, [0x13], volume.total.count),
      SimulatedRecord(.bcd6, [0x3B], volume.flow),
      SimulatedRecord(.int32, [0x6D], LocalClock.standard.time(volume.second ?? 0).mbusDateTime),
      SimulatedRecord(.bcd8, [0x13], volume.monthCapture.litres, storage: 1),
      SimulatedRecord(.int16, [0x6C], LocalClock.standard.time(volume.monthCapture.second).mbusDate, storage: 1),
    ]
  }
}
