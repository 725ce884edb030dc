internal import Decoders

/// The addresses of the meters of a receiver, so that a frame finds its meters without a look at all of them.
struct WirelessAddresses: Sendable {
  /// Nil hears every meter: the only one of its source, without an address.
  private let addresses: [MBusAddress?]
  /// Places of addresses with a whole number, by that number.
  private var numbered: [UInt32: [Int]] = [:]
  /// Places of the others.
  private var others: [Int] = []

  /// Those of the meters; nil, or a primary one, fits every meter.
  init(_ addresses: [MBusAddress?]) {
    let addresses = addresses.map { $0.map(Self.ofLetters) }
    self.addresses = addresses
    for (place, address) in addresses.enumerated() {
      if case .secondary(let asked)? = address, let number = Self.number(asked) {
        numbered[number, default: []].append(place)
      } else {
        others.append(place)
      }
    }
  }

  /// The meters that a frame is from, in ascending order: by their own address, or by that of a radio that sends for them.
  func places(of sender: WirelessSender) -> [Int] {
    let (meter, link) = (sender.meter.identification, sender.link.identification)
    var near = (numbered[meter] ?? []) + others
    if link != meter { near += numbered[link] ?? [] }
    near.removeAll { !Self.fits(addresses[$0], sender) }
    if near.count > 1 { near.sort() }
    return near
  }

  /// The manufacturer without the bit that is not of its letters, as senders have it here.
  private static func ofLetters(_ address: MBusAddress) -> MBusAddress {
    guard case .secondary(var asked) = address, asked.count == 8, asked[4] & asked[5] != 0xFF else { return address }
    asked[5] &= 0x7F
    return .secondary(asked)
  }

  /// Nil if a digit of it is a wildcard.
  private static func number(_ asked: [UInt8]) -> UInt32? {
    let digits = asked.prefix(4)
    guard digits.count == 4, digits.allSatisfy({ $0 & 15 != 15 && $0 >> 4 != 15 }) else { return nil }
    return digits.reversed().reduce(0) { $0 << 8 | UInt32($1) }
  }

  private static func fits(_ address: MBusAddress?, _ sender: WirelessSender) -> Bool {
    guard case .secondary(let asked)? = address else { return true }
    return sender.identities.contains { MBusSender.fits($0, asked) }
  }
}
