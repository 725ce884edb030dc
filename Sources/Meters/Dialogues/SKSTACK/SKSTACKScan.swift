internal import Base

/// Looks for the meter's beacon, each time longer.
///
/// A short scan costs little and is enough with good reception. After the longest one only that is repeated.
struct SKSTACKScan: Equatable, Sendable {
  private static let shortest = 4
  private static let longest = 8

  private(set) var duration: Int
  private var beacons: [SKSTACKBeacon] = []

  init(isRepeated: Bool) { duration = isRepeated ? Self.longest : Self.shortest }

  /// The longest time it may take: 28 channels, 10 ms in place of the standard's 9.6, and some time to spare.
  var patience: Milliseconds { Milliseconds(280 * ((1 << Int64(duration)) + 1) + 5000) }

  mutating func beaconBegins() { if beacons.count < 64 { beacons.append(SKSTACKBeacon()) } }

  mutating func take(_ name: String, _ value: String) {
    guard !beacons.isEmpty else { return }
    beacons[beacons.count - 1].take(name, value)
  }

  /// The meter's beacon, or the strongest of several.
  func found(pairing: String) -> SKSTACKBeacon? {
    beacons.filter { $0.pairing?.uppercased() == pairing.uppercased() && $0.network != nil }
      .max { ($0.linkQuality ?? 0) < ($1.linkQuality ?? 0) }
  }

  /// Goes on to the next duration; false after the longest.
  mutating func lengthen() -> Bool {
    guard duration < Self.longest else { return false }
    duration += 1
    beacons = []
    return true
  }
}
