package import Base

/// The settings of a serial port.
package struct LineSettings: Hashable, Sendable {
  package enum Parity: Sendable { case none, even, odd }

  package var baud: Int
  package var dataBits: Int
  package var parity: Parity
  package var stopBits: Int

  /// The rates in use, in bits a second, which the configuration accepts. Another number is more likely a slip.
  package static let baudRates = [
    300, 600, 1200, 1800, 2400, 4800, 7200, 9600, 14_400, 19_200, 28_800, 38_400, 57_600, 76_800, 115_200, 128_000,
    230_400, 250_000, 256_000, 460_800, 500_000, 576_000, 921_600, 1_000_000,
  ]

  package init(baud: Int, dataBits: Int, parity: Parity, stopBits: Int) {
    self.baud = baud
    self.dataBits = dataBits
    self.parity = parity
    self.stopBits = stopBits
  }

  /// The time that bytes take on the line, one behind the other.
  package func transmission(of count: Int) -> Milliseconds {
    let bits = 1 + dataBits + (parity == .none ? 0 : 1) + stopBits
    return Milliseconds((Int64(count * bits) * 1000 + Int64(baud) - 1) / Int64(max(1, baud)))
  }
}

extension LineSettings: CustomStringConvertible {
  /// As in the configuration: `2400 8E1`.
  package var description: String {
    let letter =
      switch parity {
      case .none: "N"
      case .even: "E"
      case .odd: "O"
      }
    return "\(baud) \(dataBits)\(letter)\(stopBits)"
  }
}
