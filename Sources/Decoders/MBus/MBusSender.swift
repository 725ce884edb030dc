/// The sender of an M-Bus answer, as link layer and header name it (EN 13757-2, EN 13757-3).
package struct MBusSender: Hashable, Sendable {
  /// The primary address in the link layer.
  package let address: UInt8
  /// Identification, manufacturer, version and medium in the order of the select frame. Fixed data (CI 73) has only the
  /// identification; without a long header it is empty.
  package let identity: [UInt8]

  /// Nil for a frame that is not an answer with data (RSP_UD).
  package init?(of frame: MBusFrame) {
    guard case .long(let control, let address, let information, let data) = frame, control & 0xCF == 0x08 else {
      return nil
    }
    self.address = address
    switch information {
    case 0x72: identity = Array(data.prefix(8))
    case 0x73: identity = Array(data.prefix(4))
    case 0x76 where data.count >= 8:
      identity = [data[3], data[2], data[1], data[0], data[5], data[4], data[6], data[7]]
    default: identity = []
    }
  }

  /// Whether this is the meter that a select frame names. F and FF are wildcards; bytes that the header lacks fit.
  package func fits(_ asked: [UInt8]) -> Bool { Self.fits(identity, asked) }

  /// The same for an identity from another layer.
  package static func fits(_ identity: [UInt8], _ asked: [UInt8]) -> Bool {
    zip(asked, identity).enumerated().allSatisfy { index, pair in
      let (expected, found) = pair
      var wild: UInt8 = 0
      switch index {
      case 0..<4:
        if expected & 0x0F == 0x0F { wild |= 0x0F }
        if expected & 0xF0 == 0xF0 { wild |= 0xF0 }
      case 4, 5: if asked[4] == 0xFF, asked.count > 5, asked[5] == 0xFF { wild = 0xFF }
      default: if expected == 0xFF { wild = 0xFF }
      }
      return (expected ^ found) & ~wild == 0
    }
  }
}
