/// One frame of the M-Bus link layer (EN 13757-2, format class FT 1.2).
package enum MBusFrame: Hashable, Sendable {
  /// The single byte E5.
  case acknowledge
  /// Five bytes without data: `10 C A CS 16`.
  case short(control: UInt8, address: UInt8)
  /// `68 L L 68 C A CI data CS 16`; a control frame is one without data.
  case long(control: UInt8, address: UInt8, information: UInt8, data: [UInt8])

  /// Reads exactly one frame.
  ///
  /// Throws `truncated`, `lengthMismatch`, `badFrame` (start, second start or stop byte) or `checksumMismatch`.
  package init(parsing bytes: Span<UInt8>) throws(DecodeError) {
    try MBusLink.check(bytes)
    switch bytes[0] {
    case MBusLink.acknowledge: self = .acknowledge
    case MBusLink.shortStart: self = .short(control: bytes[1], address: bytes[2])
    default:
      var data: [UInt8] = []
      data.reserveCapacity(bytes.count - 9)
      for index in 7..<bytes.count - 2 { data.append(bytes[index]) }
      self = .long(control: bytes[4], address: bytes[5], information: bytes[6], data: data)
    }
  }

  /// The bytes on the line. They leave out data beyond the 252 bytes that a frame can carry.
  package var bytes: [UInt8] {
    switch self {
    case .acknowledge: [MBusLink.acknowledge]
    case .short(let control, let address):
      [MBusLink.shortStart, control, address, control &+ address, MBusLink.stop]
    case .long(let control, let address, let information, let data):
      Self.long([control, address, information] + data.prefix(MBusLink.dataLimit))
    }
  }

  private static func long(_ content: [UInt8]) -> [UInt8] {
    let length = UInt8(truncatingIfNeeded: content.count)
    let sum = content.reduce(UInt8(0), &+)
    return [MBusLink.longStart, length, length, MBusLink.longStart] + content + [sum, MBusLink.stop]
  }
}
