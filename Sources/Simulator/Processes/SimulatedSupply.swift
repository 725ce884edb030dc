/// The supply of a Japanese house: two lines of 100 V, R and T, perhaps with a roof of solar cells.
struct SimulatedSupply: SimulatedProcess {
  /// The registers at one moment.
  struct Reading: Equatable, Sendable {
    /// Seconds since 1970.
    var second: Int64
    /// Wh.
    var energyImport: Int64
    /// Wh.
    var energyExport: Int64
  }

  /// Half hours that the meter keeps: today and 99 days before.
  private static let halfHoursKept = 100 * 48
  private static let minutesKept = 60

  /// Its momentary values hold for ten seconds.
  static var step: Int64 { 10 }

  /// W by line, R and T; + is import.
  private(set) var power: [Int64]
  /// Wh.
  private(set) var energyImport: Totalizer
  /// Wh.
  private(set) var energyExport: Totalizer
  var second: Int64?
  /// At full and half hours, oldest first.
  private(set) var halfHours: [Reading] = []
  /// At full minutes, as far as they were looked at, oldest first.
  private(set) var minutes: [Reading] = []
  private let usual: [Int64]
  private let solarPeak: Int64
  private let chance: Chance

  /// - Parameters:
  ///   - power: W by line at first, and the usual size of the load; + is import.
  ///   - energyImport: Wh at first.
  ///   - energyExport: Wh at first.
  ///   - solarPeak: W of the roof at noon.
  ///   - seed: equal seeds give equal days.
  init(power: [Int64], energyImport: Int64, energyExport: Int64, solarPeak: Int64, seed: UInt64) {
    self.power = power
    self.energyImport = Totalizer(energyImport)
    self.energyExport = Totalizer(energyExport)
    self.solarPeak = solarPeak
    usual = power.map(abs)
    chance = Chance(seed: seed)
  }

  /// W; + is import.
  var totalPower: Int64 { power.reduce(0, +) }

  /// The date and time in Japan.
  static func time(_ second: Int64) -> CivilTime { CivilTime(utc: second + 9 * 3600) }

  mutating func begin(at second: Int64) {
    let start = second.quotient(flooring: 1800) * 1800
    halfHours = [Reading(second: start, energyImport: energyImport.count, energyExport: energyExport.count)]
  }

  mutating func accumulate(seconds: Int64, from second: Int64) {
    energyImport.add(totalPower * seconds, per: 3600)
    energyExport.add(-totalPower * seconds, per: 3600)
  }

  mutating func observe(at second: Int64) {
    let time = Self.time(second)
    let clouds = 350 + chance.below(650, slot: second / 120, stream: 90)
    let sun = solarPeak * DayShape.sun.permille(time) / 1000 * clouds / 1000 / 2
    for line in power.indices where usual[line] > 0 { power[line] = load(line, second, time) - sun }
    let reading = Reading(second: second, energyImport: energyImport.count, energyExport: energyExport.count)
    if second % 1800 == 0 { keep(reading, in: &halfHours, Self.halfHoursKept) }
    if second % 60 == 0 { keep(reading, in: &minutes, Self.minutesKept) }
  }

  private func keep(_ reading: Reading, in readings: inout [Reading], _ limit: Int) {
    readings.append(reading)
    if readings.count > limit { readings.removeFirst(readings.count - limit) }
  }

  private func load(_ line: Int, _ second: Int64, _ time: CivilTime) -> Int64 {
    let unrest = 950 + chance.below(101, slot: second / 10, stream: UInt64(line))
    let base = usual[line] * DayShape.household.permille(time) / 1000 * unrest / 1000
    let quarter = second / 900
    let isOn = chance.below(100, slot: quarter, stream: UInt64(10 + line)) < 15
    return isOn ? base + usual[line] * (1 + chance.below(3, slot: quarter, stream: UInt64(13 + line))) : base
  }
}
