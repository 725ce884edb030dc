/// A three-phase connection of a house, perhaps with a roof of solar cells.
struct SimulatedElectricity: SimulatedProcess {
  /// The registers: whole numbers of the finest unit of any meter.
  struct Registers: Equatable, Sendable {
    /// 1 or 2, the register that runs.
    var tariff = 1
    /// Wh by tariff, of the three phases together.
    var energyImport: [Totalizer] = [0, 0]
    /// Wh by tariff, of the three phases together.
    var energyExport: [Totalizer] = [0, 0]
    /// Wh by phase.
    var phaseImport: [Totalizer] = [0, 0, 0]
    /// Wh by phase.
    var phaseExport: [Totalizer] = [0, 0, 0]
    /// varh.
    var reactiveImport: Totalizer = 0
    /// varh.
    var reactiveExport: Totalizer = 0
    /// W by phase; + is import.
    var power: [Int64] = [0, 0, 0]
    /// var by phase; + is import.
    var reactivePower: [Int64] = [0, 0, 0]
    /// Hundredths of a volt by phase.
    var voltage: [Int64] = [23_000, 23_000, 23_000]
    /// Hundredths of an ampere by phase.
    var current: [Int64] = [0, 0, 0]
    /// Hundredths of a hertz.
    var frequency: Int64 = 5000
    /// Thousandths.
    var powerFactor: Int64 = 1000

    /// W; + is import.
    var totalPower: Int64 { power.reduce(0, +) }
    /// var; + is import.
    var totalReactivePower: Int64 { reactivePower.reduce(0, +) }
  }

  /// When which tariff runs.
  enum TariffClock: Sendable {
    /// One register for all hours.
    case single
    /// Tariff 2 on weekdays from 7 to 23, else 1 (the Netherlands).
    case dutch
    /// Tariff 1 on weekdays from 7 to 22, else 2 (Belgium).
    case belgian
  }

  private(set) var registers: Registers
  /// Registers of the capacity tariff; nil for a meter without.
  private(set) var demand: QuarterHourDemand?
  var second: Int64?
  private let start: Registers
  private let tariffs: TariffClock
  private let solarPeak: Int64
  private let chance: Chance

  /// - Parameters:
  ///   - start: the registers at first; the powers are also the usual size of the load of each phase.
  ///   - tariffs: when which register runs.
  ///   - solarPeak: W of the roof at noon.
  ///   - countsQuarterHours: for the capacity tariff.
  ///   - seed: equal seeds give equal days.
  init(
    start: Registers, tariffs: TariffClock = .single, solarPeak: Int64 = 0, countsQuarterHours: Bool = false,
    seed: UInt64
  ) {
    registers = start
    self.start = start
    self.tariffs = tariffs
    self.solarPeak = solarPeak
    demand = countsQuarterHours ? QuarterHourDemand() : nil
    chance = Chance(seed: seed)
  }

  mutating func begin(at second: Int64) {
    registers.tariff = tariff(LocalClock.central.time(second))
    demand?.begin(at: second, chance: chance)
  }

  mutating func accumulate(seconds: Int64, from second: Int64) {
    let index = registers.tariff - 1
    let total = registers.totalPower
    demand?.add(total, seconds: seconds, from: second)
    registers.energyImport[index].add(total * seconds, per: 3600)
    registers.energyExport[index].add(-total * seconds, per: 3600)
    for phase in 0..<3 {
      registers.phaseImport[phase].add(registers.power[phase] * seconds, per: 3600)
      registers.phaseExport[phase].add(-registers.power[phase] * seconds, per: 3600)
    }
    let reactive = registers.totalReactivePower
    registers.reactiveImport.add(reactive * seconds, per: 3600)
    registers.reactiveExport.add(-reactive * seconds, per: 3600)
  }

  mutating func observe(at second: Int64) {
    let time = LocalClock.central.time(second)
    registers.tariff = tariff(time)
    let clouds = 350 + chance.below(650, slot: second / 120, stream: 90)
    let sun = solarPeak * DayShape.sun.permille(time) / 1000 * clouds / 1000 / 3
    for phase in 0..<3 {
      let power = load(phase, second, time) - sun
      let voltage = start.voltage[phase] + chance.around(150, slot: second / 10, stream: UInt64(20 + phase))
      registers.power[phase] = power
      registers.reactivePower[phase] = start.power[phase] == 0 ? 0 : abs(power) / 5 - 60
      registers.voltage[phase] = voltage
      registers.current[phase] = abs(power) * 10_000_000 / (voltage * start.powerFactor)
    }
    registers.frequency = start.frequency + chance.around(4, slot: second / 5, stream: 30)
  }

  /// The load of a phase in W: its usual size by the time of day, unrest, and now and then an appliance.
  private func load(_ phase: Int, _ second: Int64, _ time: CivilTime) -> Int64 {
    let usual = start.power[phase]
    let unrest = 950 + chance.below(101, slot: second, stream: UInt64(phase))
    let base = usual * DayShape.household.permille(time) / 1000 * unrest / 1000
    let quarter = second / 900
    let isOn = chance.below(100, slot: quarter, stream: UInt64(10 + phase)) < 15
    return isOn ? base + usual * (1 + chance.below(3, slot: quarter, stream: UInt64(13 + phase))) : base
  }

  private func tariff(_ time: CivilTime) -> Int {
    let isWorkday = time.weekday < 5
    return switch tariffs {
    case .single: start.tariff
    case .dutch: isWorkday && (7..<23).contains(time.hour) ? 2 : 1
    case .belgian: isWorkday && (7..<22).contains(time.hour) ? 1 : 2
    }
  }
}
