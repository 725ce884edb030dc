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
