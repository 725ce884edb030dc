internal import Base

/// Where the meter is, and what the disk holds of it. Tries learn from earlier ones, so this outlives the phases.
struct SKSTACKNetworkMemory: Sendable {
  /// Refused joins in a row after which a known network counts as wrong.
  private static let refusalsOfNetwork = 2
  /// Refused joins in a row after which the credentials count as wrong.
  private static let refusalsOfCredentials = 3

  private(set) var known: SKSTACKNetwork?
  /// The network as last saved to disk.
  private var saved: SKSTACKNetwork?
  private var refusals = 0

  init(saved: SKSTACKNetwork?) { (known, self.saved) = (saved, saved) }

  var contradictsCredentials: Bool { refusals >= Self.refusalsOfCredentials }

  mutating func found(_ network: SKSTACKNetwork) { known = network }

  /// The meter let us in. Returns the network to save, if it is a new one.
  mutating func joined() -> DialogueNews? {
    refusals = 0
    return save(known)
  }

  /// The meter refused us. After several refusals the saved network is forgotten.
  mutating func refused() -> DialogueNews? {
    refusals += 1
    guard refusals >= Self.refusalsOfNetwork else { return nil }
    known = nil
    return save(nil)
  }

  private mutating func save(_ network: SKSTACKNetwork?) -> DialogueNews? {
    guard network != saved else { return nil }
    saved = network
    return .network(meter: 0, network)
  }
}

/// One beacon of a scan (`EPANDESC`).
struct SKSTACKBeacon: Equatable, Sendable {
  private(set) var channel: UInt8?
  private(set) var pan: UInt16?
  private(set) var address: UInt64?
  private(set) var linkQuality: UInt8?
  /// The last eight characters of the route-B id that the beacon is for.
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

  /// The meter's network; nil if lines of the beacon were lost.
  var network: SKSTACKNetwork? {
    guard let channel, let pan, let address else { return nil }
    return SKSTACKNetwork(channel: channel, pan: pan, address: address)
  }
}

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

  /// The meter's beacon; the best received one of several.
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
