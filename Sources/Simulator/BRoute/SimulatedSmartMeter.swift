internal import Base

/// A simulated Japanese smart meter: the low-voltage smart electric energy meter of ECHONET Lite (class 0288).
struct SimulatedSmartMeter: Sendable {
  /// The day of E2 and E4, and the start of EC and EE. All readers share it, as in a real meter.
  struct Selection: Equatable, Sendable {
    var day: UInt8 = 0xFF
    var halfHours = [UInt8](repeating: 0xFF, count: 7)
    var minutes = [UInt8](repeating: 0xFF, count: 7)
  }

  let profile: DongleSettings.Profile
  let serial: String
  var selection = Selection()
  /// Data in place of the profile's; empty for properties that the meter does not have.
  var properties: [UInt8: [UInt8]]
  private(set) var supply: SimulatedSupply

  /// - Parameters:
  ///   - profile: its properties and values.
  ///   - properties: data in place of the profile's.
  ///   - ordinal: 0 for the first. Each meter has a number of its own.
  ///   - seed: equal seeds give equal days.
  init(_ profile: DongleSettings.Profile, properties: [UInt8: [UInt8]] = [:], ordinal: Int = 0, seed: UInt64) {
    self.profile = profile
    self.properties = properties
    serial = "SIM\(123_456_700 + ordinal)"
    let power: [Int64] =
      switch profile {
      case .solar: [-900, -640]
      case .singlePhase: [500, 0]
      default: [320, 180]
      }
    let isSolar = profile == .solar
    supply = SimulatedSupply(
      power: power, energyImport: 12_345_678, energyExport: isSolar ? 4_321_098 : 0, solarPeak: isSolar ? 4500 : 0,
      seed: seed)
  }

  /// Advances the registers to a time. The first call finds the start values.
  mutating func advance(to time: WallTime) { supply.advance(to: time) }

  // MARK: Properties

  /// The property codes that it answers, in order.
  var codes: [UInt8] {
    var codes: [UInt8] = [
      0x80, 0x81, 0x82, 0x88, 0x8A, 0x8D, 0x97, 0x98, 0x9D, 0x9E, 0x9F, 0xD3, 0xD7, 0xE0, 0xE1, 0xE2, 0xE3, 0xE4, 0xE5,
      0xE7, 0xE8, 0xEA, 0xEB, 0xEC, 0xED,
    ]
    if profile == .second { codes += [0xC0, 0xD0, 0xEE, 0xEF] }
    if profile == .withoutCoefficient { codes.removeAll { $0 == 0xD3 } }
    codes += properties.keys.filter { !codes.contains($0) }
    return codes.filter { properties[$0]?.isEmpty != true }.sorted()
  }

  /// The current data of a property; nil for one that it does not have.
  func data(_ code: UInt8) -> [UInt8]? {
    if let data = properties[code] { return data.isEmpty ? nil : data }
    guard codes.contains(code) else { return nil }
    return switch code {
    case 0x80: [0x30]
    case 0x81: [0x00]
    case 0x82: [0, 0, profile == .second ? 0x52 : 0x46, 0]
    case 0x88: [0x42]
    case 0x8A: Self.maker
    case 0x8D: Array(serial.utf8)
    case 0xC0: [0] + Self.maker + Array(serial.utf8)
    case 0x97: Array(stamp(second)[4..<6])
    case 0x98: Array(stamp(second)[0..<4])
    case 0x9D: Self.map([0x80, 0x81, 0x88, 0xEA, 0xEB])
    case 0x9E: Self.map([0x81, 0xE5, 0xED] + (profile == .second ? [0xEF] : []))
    case 0x9F: Self.map(codes)
    case 0xD3: [0, 0, 0, profile == .coefficient ? 30 : 1]
    case 0xD7: [profile == .second ? 8 : 6]
    case 0xE1: [profile == .second ? 0x02 : 0x01]
    default: measured(code)
    }
  }

  private func measured(_ code: UInt8) -> [UInt8]? {
    switch code {
    case 0xD0: stamp(second) + counts(now)
    case 0xE0: count(now.energyImport)
    case 0xE3: count(now.energyExport)
    case 0xE7: Self.bigEndian(supply.totalPower, 4)
    case 0xE8: Self.bigEndian(supply.power[0] / 10, 2) + lineT
    case 0xEA: supply.halfHours.last.map { stamp($0.second) + count($0.energyImport) }
    case 0xEB: supply.halfHours.last.map { stamp($0.second) + count($0.energyExport) }
    case 0xE2, 0xE4: day(isImport: code == 0xE2)
    case 0xE5: [selection.day]
    case 0xEC: history(selection.halfHours, step: 1800, supply.halfHours)
    case 0xED: selection.halfHours
    case 0xEE: history(selection.minutes, step: 60, supply.minutes)
    case 0xEF: selection.minutes
    default: nil
    }
  }

  /// A code that belongs to no maker.
  private static let maker: [UInt8] = [0xFF, 0xFF, 0xFE]

  private var second: Int64 { supply.second ?? 0 }

  private var now: SimulatedSupply.Reading {
    SimulatedSupply.Reading(
      second: second, energyImport: supply.energyImport.count, energyExport: supply.energyExport.count)
  }

  /// A single-phase two-wire meter does not measure it.
  private var lineT: [UInt8] {
    profile == .singlePhase ? [0x7F, 0xFE] : Self.bigEndian(supply.power[1] / 10, 2)
  }

  // MARK: Energies

  /// Tenths of a watt-hour in one count.
  private var unit: Int64 {
    let coefficient = data(0xD3).map { $0.reduce(0) { $0 << 8 | Int64($1) } } ?? 1
    let kilowattHours: Int64 =
      switch data(0xE1)?.first ?? 1 {
      case 0x00: 10_000
      case 0x01: 1000
      case 0x02: 100
      case 0x03: 10
      case 0x04: 1
      case 0x0A: 100_000
      case 0x0B: 1_000_000
      case 0x0C: 10_000_000
      default: 100_000_000
      }
    return max(1, coefficient * kilowattHours)
  }

  /// A register with its limited digits: it wraps to zero.
  func count(_ wattHours: Int64) -> [UInt8] {
    let digits = min(8, max(1, data(0xD7)?.first ?? 8))
    let limit = (0..<digits).reduce(Int64(1)) { limit, _ in limit * 10 }
    return Self.bigEndian(wattHours * 10 / unit % limit, 4)
  }

  private func counts(_ reading: SimulatedSupply.Reading?) -> [UInt8] {
    guard let reading else { return Self.missing + Self.missing }
    return count(reading.energyImport) + count(reading.energyExport)
  }

  private static let missing: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFE]

  /// The 48 half hours of the day in E5.
  private func day(isImport: Bool) -> [UInt8]? {
    guard selection.day < 100 else { return [0, 0] + (0..<48).flatMap { _ in Self.missing } }
    let midnight = (second + 9 * 3600).quotient(flooring: 86_400) * 86_400 - 9 * 3600
    let start = midnight - Int64(selection.day) * 86_400
    let registers = (0..<48).map { slot in
      supply.halfHours.last { $0.second == start + Int64(slot) * 1800 }
    }
    return [0, selection.day]
      + registers.flatMap { $0.map { count(isImport ? $0.energyImport : $0.energyExport) } ?? Self.missing }
  }

  /// The selected number of steps, back from the selected time.
  private func history(
    _ selected: [UInt8], step: Int64, _ readings: [SimulatedSupply.Reading]
  ) -> [UInt8]? {
    guard selected[0] != 0xFF else { return selected }
    let year = Int(selected[0]) << 8 | Int(selected[1])
    let midnight = CivilTime.midnight(year: year, month: Int(selected[2]), day: Int(selected[3]))
    let start = midnight + Int64(selected[4]) * 3600 + Int64(selected[5]) * 60 - 9 * 3600
    let steps = (0..<Int64(selected[6])).map { place in readings.last { $0.second == start - place * step } }
    return selected + steps.flatMap(counts)
  }

  /// Sets a property; false if it cannot be set or the value is invalid.
  mutating func set(_ code: UInt8, _ data: [UInt8]) -> Bool {
    guard codes.contains(code) else { return false }
    switch code {
    case 0xE5 where data.count == 1 && data[0] < 100: selection.day = data[0]
    case 0xED where Self.isSelection(data, limit: 12): selection.halfHours = data
    case 0xEF where Self.isSelection(data, limit: 10): selection.minutes = data
    default: return false
    }
    return true
  }

  private static func isSelection(_ data: [UInt8], limit: UInt8) -> Bool {
    guard data.count == 7, data[6] >= 1, data[6] <= limit, data[4] < 24, data[5] < 60 else { return false }
    return (1...12).contains(data[2]) && (1...31).contains(data[3])
  }

  // MARK: Forms

  /// Year, month, day, hour, minute and second in Japan.
  private func stamp(_ second: Int64) -> [UInt8] {
    let time = SimulatedSupply.time(second)
    let parts = [time.month, time.day, time.hour, time.minute, time.second]
    return Self.bigEndian(Int64(time.year), 2) + parts.map { UInt8(truncatingIfNeeded: $0) }
  }

  /// A list of up to 15 codes, or one bit for each code.
  private static func map(_ codes: [UInt8]) -> [UInt8] {
    guard codes.count > 15 else { return [UInt8(codes.count)] + codes }
    var bits = [UInt8](repeating: 0, count: 16)
    for code in codes { bits[Int(code & 15)] |= 1 << (code >> 4 - 8) }
    return [UInt8(codes.count)] + bits
  }

  static func bigEndian(_ value: Int64, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> Int64(8 * (count - 1 - $0))) }
  }
}
