import Testing

@testable import Decoders

/// AQU 70112233 in mode 7: its message in fragments, with the code over the whole in the last one.
private func fragments(sizes: [Int], counter: UInt32 = 4711) -> [[UInt8]] {
  let (cipher, place) = (WirelessCipher(testing: WirelessBuilder.key), (0..<4).map { UInt8(counter >> (8 * $0) & 255) })
  let suffix = place + WirelessBuilder.address[2..<6] + [UInt8](repeating: 7, count: 7)
  var text: [UInt8] = [0x2F, 0x2F, 0x0C, 0x13, 0x45, 0x23, 0x01, 0x00, 0x0D, 0xFD, 0x11, 0x10] + [UInt8](0x41...0x50)
  text += [UInt8](repeating: 0x2F, count: 4)
  let key = cipher.authenticationCode([0] + suffix) ?? []
  _ = cipher.with(key: key).apply(.encipherChained, WirelessCipher.Block(repeating: 0), to: &text, 0..<text.count)
  let message = [0x7A, 0x01, 0x00, 0x20, 0x07, 0x10] + text
  let control: UInt8 = 0x25
  let authentication = cipher.with(key: cipher.authenticationCode([1] + suffix) ?? [])
  let code = (authentication.authenticationCode([control] + place + message) ?? []).prefix(8)
  var rest = message[...]
  return sizes.indices.map { index in
    let isLast = index == sizes.count - 1
    let part = isLast ? rest : rest.prefix(sizes[index])
    rest = rest.dropFirst(part.count)
    let high: UInt8 = (isLast ? 0x04 : 0x40) | (index == 0 ? 0x28 : 0)
    let fields = (index == 0 ? [control] + place : []) + (isLast ? Array(code) : [])
    return WirelessBuilder.stripped([0x90, UInt8(fields.count + 2), UInt8(index + 1), high] + fields + part)
  }
}

private func decoder() -> WirelessMBusDecoder {
  var known = WirelessMBusDecoder.Configuration()
  known.cipher = WirelessCipher(testing: WirelessBuilder.key)
  known.protection = ProtectionRule(needsCipher: true, allowsPlain: false)
  return WirelessMBusDecoder(known)
}

private func result(_ frames: [[UInt8]]) -> [String] {
  let decoded = decodeAll(frames.map { .frame($0) }, decoder())
  return decoded.telegrams.flatMap(\.lines).filter { $0.hasPrefix("volume") } + decoded.errors.map(\.code.name)
}

@Suite struct WirelessFragmentsTests {
  @Test("a message in fragments is one telegram, with the code over the whole", arguments: [[10, 0], [1, 20, 0]])
  func joined(sizes: [Int]) {
    let fragments = fragments(sizes: sizes)
    #expect(result(fragments) == ["volume: 12.345 m³"])
    #expect(result([fragments.flatMap(\.self)]) == ["volume: 12.345 m³"])
    let checked = fragments.map(WirelessBuilder.formatA)
    #expect(result([checked.flatMap(\.self)]) == ["volume: 12.345 m³"])
    #expect(result(fragments.flatMap { [$0, $0] }) == ["volume: 12.345 m³"])
  }

  @Test("behind the layer of a fragment nothing is read as a layer")
  func sender() throws {
    // What looks like an extended link layer with another address, and layers that are too short.
    let other: [UInt8] = [0x8E, 0x12, 0x01, 0x2D, 0x2C, 0x99, 0x88, 0x77, 0x70, 0x1B, 0x16]
    for part in [other, [0x8F, 0x12], [0x81]] as [[UInt8]] {
      let frame = WirelessBuilder.stripped([0x90, 0x02, 0x02, 0x40] + part)
      let sender = try WirelessSender(frame.span)
      #expect(sender.isFragment && sender.meter == sender.link && sender.content == frame, "\(part)")
    }
  }

  @Test("a fragment that is missing, of another message or damaged gives no telegram")
  func missing() {
    let fragments = fragments(sizes: [10, 10, 0])
    #expect(result(Array(fragments.prefix(2))) == ["segment_missing"])
    #expect(result([fragments[0], fragments[2]]) == ["segment_missing"])
    #expect(result([fragments[1]]) == ["segment_missing"])
    #expect(result([fragments[0] + fragments[2]]) == ["segment_missing"])
    for index in [15, 22] {
      var damaged = fragments
      damaged[1][index] ^= 1
      #expect(result(damaged) == ["wrong_key"])
    }
  }

  @Test("copies of fragments change nothing, whenever they come and in whatever format")
  func copies() {
    let fragments = fragments(sizes: [10, 10, 0])
    let (first, second, third) = (fragments[0], fragments[1], fragments[2])
    #expect(result([first, second, first, second, third]) == ["volume: 12.345 m³"])
    #expect(
      result([first, WirelessBuilder.formatA(first), second, WirelessBuilder.formatB(first), third, second]) == [
        "volume: 12.345 m³"
      ])
    // The same message once more.
    #expect(result(fragments + fragments) == ["volume: 12.345 m³", "volume: 12.345 m³"])
  }

  @Test("a number that has gone around is not the next one")
  func around() {
    var joiner = WirelessFragments()
    var pieces: [Framed] = []
    let frames = (0...255).map { WirelessBuilder.stripped([0x90, 0x02, UInt8(($0 + 1) & 255), 0x40, 0x72]) }
    for frame in frames { joiner.take(frame, into: &pieces) }
    #expect(pieces.count == 2 && !joiner.isHolding)
    guard case .rejected(let bytes, _)? = pieces.first else { return }
    #expect(bytes == frames.dropLast().flatMap(\.self))
  }

  @Test("messages of two senders do not mix, and one that stays away is given up after a while")
  func senders() {
    let mine = fragments(sizes: [10, 0])
    let others = mine.map { frame in
      var frame = frame
      frame[4] ^= 0xFF
      return frame
    }
    var joiner = WirelessFragments()
    var pieces: [Framed] = []
    for frame in [mine[0], others[0], mine[1]] { joiner.take(frame, into: &pieces) }
    #expect(pieces == [.frame(mine[0] + mine[1])] && joiner.isHolding)
    joiner.age(into: &pieces)
    #expect(pieces.count == 1)
    joiner.age(into: &pieces)
    #expect(
      pieces.last
        == .rejected(others[0], DecodeError(.segmentMissing, at: others[0].count, expected: 2, found: -1)))
    #expect(!joiner.isHolding)
  }

  @Test("what is held has bounds, whatever comes")
  func bounds() {
    var joiner = WirelessFragments()
    var pieces: [Framed] = []
    for number in 0..<100 as Range<UInt8> {
      var frame = fragments(sizes: [10, 0])[0]
      frame[4] = number
      joiner.take(frame, into: &pieces)
    }
    #expect(pieces.count == 100 - 16)
    var long = WirelessFragments()
    pieces = []
    for number in 1...255 as ClosedRange<UInt8> {
      long.take(
        WirelessBuilder.stripped([0x90, 0x02, number, 0x40] + [UInt8](repeating: number, count: 100)), into: &pieces)
    }
    let bounded = pieces.filter { if case .rejected(let bytes, _) = $0 { bytes.count <= 4096 } else { false } }
    #expect(!pieces.isEmpty && bounded == pieces)
  }
}
