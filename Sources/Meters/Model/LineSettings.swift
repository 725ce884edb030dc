/// The settings of a serial port.
package struct LineSettings: Hashable, Sendable {
  package enum Parity: Sendable { case none, even, odd }

  package var baud: Int
  package var dataBits: Int
  package var parity: Parity
  package var stopBits: Int

  /// The rates that a serial port can be set to and the configuration accepts.
  package static let baudRates = [
    300, 600, 1200, 1800, 2400, 4800, 9600, 19_200, 38_400, 57_600, 115_200, 230_400, 460_800, 500_000, 576_000,
    921_600, 1_000_000,
  ]

  package init(baud: Int, dataBits: Int, parity: Parity, stopBits: Int) {
    self.baud = baud
    self.dataBits = dataBits
    self.parity = parity
    self.stopBits = stopBits
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
