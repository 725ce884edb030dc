/// Who a wireless frame is from, as far as it tells without a key: for a receiver that hears many meters.
package struct WirelessSender: Sendable {
  /// The sender in the link layer: the meter, or a radio that sends for it.
  package let link: WirelessAddress
  /// The last full address: the meter's, unless layers above are enciphered.
  package let meter: WirelessAddress
  /// Of both: number, manufacturer, version and medium in the order of an M-Bus select frame.
  package let identities: [[UInt8]]
  /// The mode of its security, 0 for plain; nil if its header does not say.
  package let mode: UInt8?
  /// Whether everything behind the extended link layer is enciphered, so that its header cannot be read.
  package let isSessionEnciphered: Bool
  /// The frame without check values and without the bits that a repeater changes: equal for copies of one telegram.
  package let content: [UInt8]
  /// Whether it is a part of a message that needs others: see `WirelessFragments`.
  package let isFragment: Bool

  /// Throws the errors of `WirelessFrame` and of its layers.
  package init(_ frame: Span<UInt8>) throws(DecodeError) {
    var message = try WirelessMessage(frame, isWhole: false)
    var content = message.bytes
    let bytes = message.bytes
    let plain = bytes.span
    var isOpen = true
    // What stands behind the layer of a fragment is a piece of something, and no layer.
    while isOpen, message.layers.authentication?.isWhole != false {
      let place = message.layers.start
      guard try message.readNextLayer() else { break }
      if plain.count > place + 1, plain[place] & 0xFC == 0x8C { content[place + 1] &= ~Self.repeaterBits }
      guard message.layers.isAtCheckValue, let session = message.layers.session else { continue }
      isOpen = !session.isEncrypted
      if isOpen { message.layers.stepOverCheckValue() }
    }
    isFragment = message.layers.authentication?.isWhole == false
    link = message.layers.link
    var meter = message.layers.address
    var mode: UInt8?
    let start = message.layers.start
    if isOpen, !isFragment, start < plain.count {
      let structure = MBusHeader.Structure.of(plain[start])
      if structure != .none {
        try message.readHeader(structure)
        (meter, mode) = (message.layers.address, message.mode)
        content[message.body - 2] &= ~Self.hopBits
      }
      let isTurned = plain[start] == 0x71 || plain[start] & 0xF8 == 0xA0 || mode ?? 0 >= 16
      if isTurned, start == WirelessFrame.headCount, DiehlCipher.isMaker(link.manufacturer) {
        meter = DiehlCipher.turned(plain)
      }
    }
    self.meter = meter
    self.mode = mode
    isSessionEnciphered = !isOpen
    self.content = content
    identities = [meter.selected, link.selected]
  }

  /// Relayed and repeated, in the communication control of the extended link layer.
  private static let repeaterBits: UInt8 = 0x12
  /// Hops and repeated, in the configuration word.
  private static let hopBits: UInt8 = 0x03
}

extension WirelessAddress {
  /// For people: `KAM 76348799 (cold_water)`.
  package var summary: String { "\(letters) \(number) (\(header.mediumName))" }

  /// The maker's three letters.
  package var letters: String { header.manufacturerLetters }
  /// Its eight digits.
  package var number: String { String(identification, width: 8, radix: 16, uppercase: true) }
  package var publishedMedium: Medium { header.publishedMedium }
}
