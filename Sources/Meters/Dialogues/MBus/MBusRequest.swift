internal import Decoders

/// A request of the master to one slave (EN 13757-2 and -3).
enum MBusRequest: Equatable, Sendable {
  /// SND_NKE: resets the link; to the address of the selected slaves it also ends the selection.
  case reset
  /// SND_UD with CI 52: slaves that match the secondary address answer at FD from now on.
  case select(MBusSelection)
  /// SND_UD with another CI.
  case command(MBusCommand)
  /// REQ_UD2: asks for data. The same frame count bit gets the same telegram again; the other one gets the next.
  case data(frameCountBit: Bool)

  func bytes(to address: MBusAddress) -> [UInt8] {
    switch self {
    case .reset: MBusFrame.short(control: 0x40, address: address.link).bytes
    case .data(let bit): MBusFrame.short(control: bit ? 0x7B : 0x5B, address: address.link).bytes
    case .select(let selection): selection.frame(of: address).bytes
    case .command(let command): command.frame(to: address.link).bytes
    }
  }

  /// Whether the answer is only E5.
  var wantsAcknowledgement: Bool {
    if case .data = self { false } else { true }
  }
}
