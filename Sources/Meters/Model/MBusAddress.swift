/// The address of a meter on an M-Bus.
package enum MBusAddress: Hashable, Sendable {
  case primary(UInt8)
  /// Identification, manufacturer, version and medium in the order of the select frame. F and FF are wildcards.
  case secondary([UInt8])
}

extension MBusAddress: CustomStringConvertible {
  /// As in the configuration.
  package var description: String {
    switch self {
    case .primary(254): "the only meter on the line"
    case .primary(let address): "address \(address)"
    case .secondary(let bytes):
      "address "
        + (bytes.prefix(4).reversed() + bytes.dropFirst(4)).map { byte in
          let digits = String(byte, radix: 16, uppercase: true)
          return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }
  }
}
