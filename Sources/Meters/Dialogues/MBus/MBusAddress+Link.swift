package import Decoders

extension MBusAddress {
  /// The address of slaves that a selection has matched.
  static let selected: UInt8 = 0xFD
  /// Every slave answers at this address, so it is for a bus with only one slave.
  package static let test: UInt8 = 0xFE

  /// The address in the link layer.
  var link: UInt8 {
    switch self {
    case .primary(let address): address
    case .secondary: Self.selected
    }
  }

  var isSecondary: Bool {
    if case .secondary = self { true } else { false }
  }

  /// The eight bytes of the select frame.
  var selection: [UInt8] {
    switch self {
    case .primary: []
    case .secondary(let bytes): bytes
    }
  }

  /// Why a frame is not an answer with data of this slave; nil if it is.
  package func objection(to frame: MBusFrame) -> DecodeError? {
    switch frame {
    case .acknowledge: return DecodeError(.badFrame, at: 0, expected: 0x68, found: 0xE5)
    case .short(let control, _): return DecodeError(.notAnAnswer, at: 1, found: Int(control))
    case .long(let control, let address, let information, let data):
      // RSP_UD is 08; bits 4 and 5 say that the slave is busy or has an alarm.
      guard control & 0xCF == 0x08 else { return DecodeError(.notAnAnswer, at: 4, found: Int(control)) }
      switch self {
      case .primary(let asked):
        guard asked == address || asked == Self.test else {
          return DecodeError(.badFrame, at: 5, expected: Int(asked), found: Int(address))
        }
        return nil
      case .secondary(let asked): return Self.objection(to: data, information, asked: asked)
      }
    }
  }

  /// Compares the identity in the header with the selected one. Only headers 72 and 73 have an identity.
  private static func objection(to data: [UInt8], _ information: UInt8, asked: [UInt8]) -> DecodeError? {
    let identityBytes = information == 0x72 ? 8 : information == 0x73 ? 4 : 0
    for index in 0..<min(identityBytes, asked.count, data.count) {
      let (expected, found) = (asked[index], data[index])
      var wild: UInt8 = 0
      if index < 4 {
        if expected & 0x0F == 0x0F { wild |= 0x0F }
        if expected & 0xF0 == 0xF0 { wild |= 0xF0 }
      } else if index < 6 {
        if asked[4] == 0xFF, asked.count > 5, asked[5] == 0xFF { wild = 0xFF }
      } else if expected == 0xFF {
        wild = 0xFF
      }
      if (expected ^ found) & ~wild != 0 {
        return DecodeError(.badFrame, at: 7 + index, expected: Int(expected), found: Int(found))
      }
    }
    return nil
  }
}
