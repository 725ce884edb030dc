internal import Decoders

/// Where a meter was found: what it takes to join it again without a scan.
///
/// It belongs to one route-B id; whoever keeps it keeps it for that id only.
struct SKSTACKNetwork: Hashable, Sendable {
  /// Register S2.
  var channel: UInt8
  /// Register S3.
  var pan: UInt16
  /// The meter's 64-bit hardware address.
  var address: UInt64
}

/// What one beacon of a scan says (`EPANDESC`).
struct SKSTACKBeacon: Equatable, Sendable {
  private(set) var channel: UInt8?
  private(set) var pan: UInt16?
  private(set) var address: UInt64?
  private(set) var linkQuality: UInt8?
  /// The last eight characters of the route-B id that it is for.
  private(set) var pairing: String?

  mutating func take(_ name: String, _ value: String) {
    switch name {
    case "Channel": channel = UInt8(value, radix: 16)
    case "Pan ID": pan = UInt16(value, radix: 16)
    case "Addr": address = UInt64(value, radix: 16)
    case "LQI": linkQuality = UInt8(value, radix: 16)
    case "PairID": pairing = value
    default: break
    }
  }

  /// Where it comes from; nil where lines of it were lost.
  var network: SKSTACKNetwork? {
    guard let channel, let pan, let address else { return nil }
    return SKSTACKNetwork(channel: channel, pan: pan, address: address)
  }
}

/// Looks for the meter's beacon, longer from time to time.
///
/// A short scan costs little and does where reception is good. After the longest one only that is repeated.
struct SKSTACKScan: Equatable, Sendable {
  private static let shortest = 4
  private static let longest = 8

  private(set) var duration: Int
  private var beacons: [SKSTACKBeacon] = []

  init(isRepeated: Bool) { duration = isRepeated ? Self.longest : Self.shortest }

  /// How long it takes at most: 28 channels, 10 ms each where the standard says 9.6, and some time to spare.
  var patience: Milliseconds { Milliseconds(280 * ((1 << Int64(duration)) + 1) + 5000) }

  mutating func beaconBegins() { if beacons.count < 64 { beacons.append(SKSTACKBeacon()) } }

  mutating func take(_ name: String, _ value: String) {
    guard !beacons.isEmpty else { return }
    beacons[beacons.count - 1].take(name, value)
  }

  /// The meter's beacon, the best received one of several.
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
