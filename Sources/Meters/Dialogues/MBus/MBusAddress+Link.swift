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

  /// The same with wildcards for manufacturer, version and medium; nil if it has them already.
  var numberSelection: [UInt8]? {
    let anyOther: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF]
    guard isSecondary, Array(selection.dropFirst(4)) != anyOther else { return nil }
    return selection.prefix(4) + anyOther
  }

  /// Whether the address names the number of one meter, without wildcards, and this is the sender.
  func names(_ sender: MBusSender) -> Bool {
    let number = selection.prefix(4)
    let isWhole = isSecondary && number.allSatisfy { $0 & 0x0F != 0x0F && $0 & 0xF0 != 0xF0 }
    return isWhole && sender.identity.count >= 4 && sender.fits(selection)
  }

  /// Why a frame is not an answer with data of this slave; nil if it is.
  package func objection(to frame: MBusFrame) -> DecodeError? {
    guard let sender = MBusSender(of: frame) else {
      return switch frame {
      case .acknowledge: DecodeError(.badFrame, at: 0, expected: 0x68, found: 0xE5)
      case .short(let control, _): DecodeError(.notAnAnswer, at: 1, found: Int(control))
      case .long(let control, _, _, _): DecodeError(.notAnAnswer, at: 4, found: Int(control))
      }
    }
    switch self {
    case .primary(let asked):
      return asked == sender.address || asked == Self.test ? nil : .otherMeter(asked: asked, found: sender.address)
    case .secondary(let asked):
      return sender.fits(asked) ? nil : .otherMeter(asked: asked, found: sender.identity)
    }
  }
}
