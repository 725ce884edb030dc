/// The address of a meter on an M-Bus.
package enum MBusAddress: Hashable, Sendable {
  case primary(UInt8)
  /// Identification, manufacturer, version and medium in the order of the select frame. F and FF are wildcards.
  case secondary([UInt8])
}

extension MBusAddress {
  /// Whether one meter could answer to both. This is unknown for a primary and a secondary address, so it is false.
  package func overlaps(_ other: MBusAddress) -> Bool {
    switch (self, other) {
    case (.primary(let a), .primary(let b)): return a == b
    case (.secondary(let a), .secondary(let b)):
      // F stands for any digit of the number, FF for any byte of the rest.
      func fits(_ x: UInt8, _ y: UInt8, any: UInt8) -> Bool { x == y || x == any || y == any }
      let number = zip(a.prefix(4), b.prefix(4)).allSatisfy { x, y in
        fits(x >> 4, y >> 4, any: 15) && fits(x & 15, y & 15, any: 15)
      }
      return number && zip(a.dropFirst(4), b.dropFirst(4)).allSatisfy { x, y in fits(x, y, any: 255) }
    default: return false
    }
  }
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
