/// Redacts telegrams of wireless M-Bus meters: numbers in all layers, and in the records what `MBusRedactor` replaces. Of a
/// maker's own bytes those stay that values are made of.
///
/// What the meter's key has opened is enciphered again with another key, and codes and check values are made anew.
package struct WirelessRedactor: FrameRedactor {
  package var pseudonyms = Pseudonyms()

  private var decoder: WirelessMBusDecoder
  /// The cipher with the published key.
  private let example: WirelessCipher?

  /// - Parameters:
  ///   - known: the meter's key, and what else its decoder knows.
  ///   - example: the cipher with a key that is not a secret.
  package init(_ known: WirelessMBusDecoder.Configuration, example: WirelessCipher?) {
    decoder = WirelessMBusDecoder(known)
    self.example = example
  }

  package mutating func redact(_ frame: [UInt8]) throws(RedactionError) -> [UInt8] {
    let (telegram, link, opened) = try readable { () throws(DecodeError) in
      var telegrams: [Telegram] = []
      try decoder.decode(frame.span, into: &telegrams)
      guard let telegram = telegrams.first, let link = decoder.link else {
        throw DecodeError(.segmentMissing, at: frame.count, expected: 1)
      }
      return (telegram, link, try decoder.opened(frame.span, link))
    }
    if let issue = telegram.issues.first { throw .unreadable(issue) }
    // Of a message in fragments every frame would have to be made again.
    guard opened.layers.authentication?.fragment ?? 0 == 0, frame.count < link.count + WirelessFrame.shortest else {
      throw .unreadable(DecodeError(.unsupported, at: link.count, found: 0x90))
    }
    var message = opened
    for place in Self.numbers(of: message) {
      message.bytes.replaceSubrange(place, with: pseudonyms.packed(Array(message.bytes[place])))
    }
    try redactBody(of: &message, telegram)
    guard !pseudonyms.isLeft(in: message.bytes) else { throw .numberLeft }
    try close(&message)
    return WirelessFrame.frame(message.bytes, as: link.format)
  }

  /// Where the numbers of meter and radio stand in the layers.
  private static func numbers(of message: WirelessMessage) -> [Range<Int>] {
    let bytes = message.bytes
    var places = [4..<8]
    if message.isTurned { places = [DiehlCipher.isSappel(bytes.span) ? 4..<10 : 6..<10] }
    var place = WirelessFrame.headCount
    while place < bytes.count {
      switch bytes[place] {
      case 0x8C...0x8F:
        let count = 3 + (bytes[place] & 2 == 2 ? 8 : 0)
        if count > 3 { places.append(place + 5..<place + 9) }
        place += count + (bytes[place] & 1 == 1 ? 6 : 0)
      case 0x81: place += 2
      case 0x90, 0xB6: place += 2 + (place + 1 < bytes.count ? Int(bytes[place + 1]) : 0)
      case 0x72, 0x73, 0x6B, 0x8B:
        places.append(place + 1..<place + 5)
        return places
      default: return places
      }
    }
    return places
  }

  private mutating func redactBody(of message: inout WirelessMessage, _ telegram: Telegram) throws(RedactionError) {
    let place = message.layers.start
    let information = message.bytes[place]
    let address = message.layers.address
    let meter = telegram.readings[0].meter
    if let layout = MakerLayout.of(address, information, (0xA0...0xB7).contains(information) ? .frame : .body) {
      return try empty(message.body..<message.bytes.count, layout, meter, &message)
    }
    guard let content = telegram.mbusContent else { return }
    switch information {
    case 0x73, 0x79, 0x7B:
      // The values have no places of their own.
      var full = telegram.bytes
      pseudonyms.replace(content, of: telegram, in: &full)
      guard full == telegram.bytes else {
        throw .unreadable(DecodeError(.unsupported, at: place, found: Int(information)))
      }
    default:
      let before = message.bytes
      pseudonyms.replace(content, of: telegram, in: &message.bytes)
      guard let layout = MakerLayout.of(address, 0, .record) else { return }
      for record in content.records where layout.fits(record, before) {
        let range = record.makerData(before)
        message.bytes.replaceSubrange(range, with: before[range])
        try empty(range, layout, meter, &message)
      }
    }
  }

  /// Makes zeros of a maker's bytes that no value is made of.
  private func empty(
    _ range: Range<Int>, _ layout: MakerLayout, _ meter: MeterIdentity, _ message: inout WirelessMessage
  ) throws(RedactionError) {
    guard !message.isPRIOS else {
      message.bytes[14] = 0
      for index in message.bytes.indices.dropFirst(DiehlCipher.start + DiehlPRIOS.length) { message.bytes[index] = 0 }
      return
    }
    let state = message
    func read(_ data: ArraySlice<UInt8>) -> Reading? {
      var reader = MakerReader(Array(data), state, nil, Reading(meter: meter))
      do throws(DecodeError) { try layout.read(&reader) } catch { return nil }
      return reader.issues.isEmpty ? reader.reading : nil
    }
    var data = message.bytes[range]
    guard let reading = read(data) else { throw .unreadable(DecodeError(.makerFrame, at: range.lowerBound)) }
    // The check word of the cipher stays.
    for index in range.dropFirst(message.hasCheckWord(at: range.lowerBound) ? 2 : 0) where data[index] != 0 {
      let byte = data[index]
      data[index] = 0
      if read(data) != reading { data[index] = byte }
    }
    message.bytes.replaceSubrange(range, with: data)
  }

  // MARK: The way back

  private mutating func close(_ message: inout WirelessMessage) throws(RedactionError) {
    switch message.security {
    case .chainedWithVector where !message.deciphered.isEmpty:
      try encipher(&message, message.publicKey, .encipherChained, vector(message), message.deciphered)
    case .chainedWithDerivedKey: try closeDerived(&message)
    case .shiftRegister:
      if !message.isPRIOS {
        let sum = message.bytes[DiehlCipher.start...].reduce(0, &+)
        message.bytes[14] = message.bytes[14] & ~DiehlCipher.sumMask | sum & DiehlCipher.sumMask
      }
      guard !message.isStoredPlain else { break }
      guard let key = message.publicKey ?? example?.key else { throw .unreadable(DecodeError(.noKey, at: 0)) }
      message.bytes = DiehlCipher.decipher(message.bytes, Array(key.prefix(8)))
    default: break
    }
    renewCode(&message)
    guard let place = message.sessionPlace else { return }
    WirelessMBusDecoder.renewCheckValue(&message.bytes, at: place)
    guard message.security == .counter, message.isOpened else { return }
    try encipher(&message, nil, .counter, vector(message), place..<message.bytes.count)
  }

  /// The vector with the number that stands for the meter's.
  private mutating func vector(_ message: WirelessMessage) -> WirelessCipher.Block {
    var vector = message.vector
    let number = pseudonyms.packed((2..<6).map { vector[$0] })
    for index in 0..<4 { vector[2 + index] = number[index] }
    return vector
  }

  /// Mode 7: the keys come from the new number.
  private mutating func closeDerived(_ message: inout WirelessMessage) throws(RedactionError) {
    if message.isOpened {
      guard let key = example?.authenticationCode([0] + suffix(message)) else {
        throw .unreadable(DecodeError(.noKey, at: 0))
      }
      try encipher(&message, key, .encipherChained, WirelessCipher.Block(repeating: 0), message.deciphered)
    }
    if let byte = message.modeExtension { message.bytes.insert(byte, at: message.body) }
  }

  /// Makes the code of the authentication layer anew, or zeros of one that the meter's key has not proven.
  private mutating func renewCode(_ message: inout WirelessMessage) {
    guard let layer = message.layers.authentication, !layer.code.isEmpty else { return }
    let suffix = suffix(message)
    let code = example.flatMap { WirelessMBusDecoder.code(message, layer, suffix, $0) }
    for (index, place) in layer.code.enumerated() { message.bytes[place] = message.isVerified ? code?[index] ?? 0 : 0 }
  }

  private mutating func suffix(_ message: WirelessMessage) -> [UInt8] {
    let sender = message.header.structure == .short ? message.layers.link : message.layers.address
    let number = pseudonyms.packed((2..<6).map(sender.byte))
    return WirelessMBusDecoder.suffix(
      message.layers.authentication?.counter ?? 0, number.reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) })
  }

  private func encipher(
    _ message: inout WirelessMessage, _ key: [UInt8]?, _ mode: WirelessCipher.Mode, _ vector: WirelessCipher.Block,
    _ range: Range<Int>
  ) throws(RedactionError) {
    let cipher = key.flatMap { key in example?.with(key: key) } ?? example
    guard cipher?.apply(mode, vector, to: &message.bytes, range) == true else {
      throw .unreadable(DecodeError(.noKey, at: range.lowerBound))
    }
  }
}
