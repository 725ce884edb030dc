/// The size of a load by time of day, in thousandths of the usual one. One value an hour, straight lines between.
struct DayShape: Sendable {
  private let hours: [Int64]

  /// A household's appliances and lamps.
  static let household = DayShape(hours: [
    480, 430, 410, 400, 410, 480, 760, 1150, 1250, 1000, 900, 950, 1150, 1050, 900, 900, 1050, 1450, 1800, 1850, 1600,
    1250, 900, 650,
  ])
  /// A roof in the sun.
  static let sun = DayShape(hours: [
    0, 0, 0, 0, 0, 0, 20, 120, 310, 530, 740, 900, 980, 1000, 950, 800, 590, 360, 150, 30, 0, 0, 0, 0,
  ])
  /// Heating, with its night set back.
  static let heating = DayShape(hours: [
    700, 680, 680, 690, 760, 1000, 1280, 1300, 1200, 1080, 1000, 950, 920, 900, 900, 940, 1020, 1120, 1180, 1180, 1120,
    1000, 860, 760,
  ])
  /// How likely a tap is open.
  static let taps = DayShape(hours: [
    10, 5, 5, 5, 10, 60, 180, 220, 150, 100, 90, 100, 130, 100, 80, 80, 110, 150, 190, 170, 140, 110, 60, 25,
  ])

  /// Thousandths at a time of day.
  func permille(_ time: CivilTime) -> Int64 {
    let next = hours[(time.hour + 1) % 24]
    return hours[time.hour] + (next - hours[time.hour]) * Int64(time.secondOfDay % 3600) / 3600
  }
}

/// Repeatable chance: the same seed, stream and slot give the same number.
struct Chance: Sendable {
  let seed: UInt64

  /// A number from 0 up to `bound`.
  func below(_ bound: Int64, slot: Int64, stream: UInt64) -> Int64 {
    // SplitMix64 over the three.
    var mixed = seed ^ (stream &* 0xD1B5_4A32_D192_ED03)
    mixed &+= UInt64(bitPattern: slot) &* 0x9E37_79B9_7F4A_7C15
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    mixed ^= mixed >> 31
    return Int64(mixed % UInt64(bound))
  }

  /// A number from −`bound` to `bound`.
  func around(_ bound: Int64, slot: Int64, stream: UInt64) -> Int64 {
    below(2 * bound + 1, slot: slot, stream: stream) - bound
  }
}
