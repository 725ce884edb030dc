/// The address at the other end of a connection.
package struct PeerAddress: Hashable, Sendable {
  /// 4 or 16; empty for an unknown one. An IPv4 address in an IPv6 one (RFC 4291, section 2.5.5.2) is the former.
  let bytes: [UInt8]

  package init(_ bytes: [UInt8]) {
    let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]
    self.bytes = bytes.count == 16 && bytes.starts(with: mapped) ? Array(bytes.dropFirst(12)) : bytes
  }

  /// Home Assistant's Supervisor, which signs users in before it passes their requests on (ingress).
  var isIngress: Bool { bytes == [172, 30, 32, 2] }

  /// What one client can have: an IPv4 address, or a network of IPv6 addresses.
  var network: [UInt8] { bytes.count == 16 ? Array(bytes.prefix(8)) : bytes }
}
