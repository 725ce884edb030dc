internal import Decoders

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
      "address " + Self.digits(bytes) + (bytes[4...].allSatisfy { $0 == 0xFF } ? "" : Hexadecimal.text(bytes[4...]))
    }
  }

  /// As in the configuration of a wireless meter: the number, and marks that narrow it. A maker without letters has no mark,
  /// so it stands in all sixteen digits.
  package var marked: String {
    guard case .secondary(let bytes) = self else { return description }
    var text = Self.digits(bytes)
    let code = UInt16(bytes[4]) | UInt16(bytes[5]) << 8
    if code != 0xFFFF {
      guard let letters = MeterIdentity.letters(code & 0x7FFF) else { return text + Hexadecimal.text(bytes[4...]) }
      text += ".M=\(letters)"
    }
    if bytes[6] != 0xFF { text += ".V=\(Hexadecimal.text([bytes[6]]))" }
    if bytes[7] != 0xFF { text += ".T=\(Hexadecimal.text([bytes[7]]))" }
    return text
  }

  /// The number as it is printed on the meter.
  private static func digits(_ bytes: [UInt8]) -> String { Hexadecimal.text(bytes[..<4].reversed()) }
}
