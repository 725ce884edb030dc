internal import Base

/// The network in which a scan found a meter. With it the session joins again without another scan.
///
/// It is valid only for the route-B id of that scan.
package struct SKSTACKNetwork: Hashable, Sendable {
  /// Register S2.
  package var channel: UInt8
  /// Register S3.
  package var pan: UInt16
  /// The meter's 64-bit hardware address.
  package var address: UInt64

  package init(channel: UInt8, pan: UInt16, address: UInt64) {
    self.channel = channel
    self.pan = pan
    self.address = address
  }
}
