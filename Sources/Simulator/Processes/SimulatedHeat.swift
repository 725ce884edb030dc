/// Warm water giving heat to a house: flow, two temperatures, and what follows from them.
struct SimulatedHeat: SimulatedProcess {
  /// The registers: whole numbers of the meter's own units.
  struct Registers: Equatable, Sendable {
    /// kWh.
    var energy: Totalizer = 0
    /// Tens of litres.
    var volume: Totalizer = 0
    /// m³ × °C at the inlet.
    var inletProduct: Totalizer = 0
    /// m³ × °C at the outlet.
    var outletProduct: Totalizer = 0
    /// Hours.
    var onTime: Totalizer = 0
    /// Hours.
    var errorTime: Int64 = 0
    /// Hundredths of a degree.
    var flowTemperature: Int64 = 0
    /// Hundredths of a degree.
    var returnTemperature: Int64 = 0
    /// W, in whole hundreds as the register has it.
    var power: Int64 = 0
    /// W, the greatest of the month.
    var maximumPower: Int64 = 0
    /// Litres an hour.
    var flow: Int64 = 0
    /// Litres an hour, the greatest of the month.
    var maximumFlow: Int64 = 0

    /// Hundredths of a kelvin.
    var temperatureDifference: Int64 { flowTemperature - returnTemperature }
  }

  private(set) var registers: Registers
  /// The registers at the turn of the month.
  private(set) var monthRegisters: Registers
  /// Seconds since 1970 of that turn.
  private(set) var monthStart: Int64 = 0
  var second: Int64?
  private let start: Registers
  private let chance: Chance

  /// - Parameters:
  ///   - start: the registers at first; flow and temperatures are also their usual size.
  ///   - month: what it showed at the turn of the month.
  ///   - seed: equal seeds give equal days.
  init(start: Registers, month: Registers, seed: UInt64) {
    registers = start
    monthRegisters = month
    self.start = start
    chance = Chance(seed: seed)
  }

  mutating func begin(at second: Int64) { monthStart = LocalClock.standard.monthStart(second) }

  mutating func accumulate(seconds: Int64, from second: Int64) {
    registers.energy.add(registers.power * seconds, per: 3_600_000)
    registers.volume.add(registers.flow * seconds, per: 36_000)
    registers.inletProduct.add(registers.flow * registers.flowTemperature * seconds, per: 360_000_000)
    registers.outletProduct.add(registers.flow * registers.returnTemperature * seconds, per: 360_000_000)
    registers.onTime.add(seconds, per: 3600)
  }

  mutating func observe(at second: Int64) {
    // No step crosses a quarter hour, so no turn of the month is missed.
    if second % 900 == 0 { turnMonth(LocalClock.standard.monthStart(second)) }
    let demand = DayShape.heating.permille(LocalClock.central.time(second))
    registers.flow = start.flow * demand / 1000 * (960 + chance.below(81, slot: second / 20, stream: 1)) / 1000
    registers.flowTemperature = start.flowTemperature + chance.around(90, slot: second / 60, stream: 2)
    registers.returnTemperature = start.returnTemperature + chance.around(60, slot: second / 60, stream: 3)
    // A litre of water takes 1.16 Wh a kelvin.
    let power = registers.flow * registers.temperatureDifference * 116 / 10_000
    registers.power = power / 100 * 100
    registers.maximumPower = max(registers.maximumPower, registers.power)
    registers.maximumFlow = max(registers.maximumFlow, registers.flow)
  }

  private mutating func turnMonth(_ month: Int64) {
    guard month > monthStart else { return }
    monthStart = month
    monthRegisters = registers
    registers.maximumPower = 0
    registers.maximumFlow = 0
  }
}
