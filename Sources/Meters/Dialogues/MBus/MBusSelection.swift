internal import Decoders

/// One form of a select frame. Slaves differ in those that they take.
struct MBusSelection: Equatable, Sendable {
  /// 73, but some slaves take only 53.
  var control: UInt8
  /// Names only the number: some slaves want wildcards for manufacturer, version and medium. The header tells the rest.
  var isShort: Bool

  private static let controls: [UInt8] = [0x73, 0x53]

  /// The forms to try one after the other, until one is acknowledged: first the one that was `accepted` before. Only the
  /// first try of a readout asks with the number alone.
  static func forms(of address: MBusAddress, accepted: MBusSelection?, isFirstTry: Bool) -> [MBusSelection] {
    if let accepted {
      let others = controls.filter { $0 != accepted.control }
      return [accepted] + others.map { MBusSelection(control: $0, isShort: accepted.isShort) }
    }
    let whole = controls.map { MBusSelection(control: $0, isShort: false) }
    guard isFirstTry, address.numberSelection != nil else { return whole }
    return whole + controls.map { MBusSelection(control: $0, isShort: true) }
  }

  func frame(of address: MBusAddress) -> MBusFrame {
    let selection = isShort ? address.numberSelection ?? address.selection : address.selection
    return .long(control: control, address: address.link, information: 0x52, data: selection)
  }
}
