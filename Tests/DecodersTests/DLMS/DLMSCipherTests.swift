import Testing

@testable import Decoders

private let data = DLMSBuilder.kaifa()
private let title = SystemTitle(0x4B46_4D65_5012_3456)

private func decoder(
  key: [UInt8] = DLMSBuilder.key, authenticationKey: [UInt8]? = nil, systemTitle: SystemTitle? = nil,
  counters: [DLMSFrameCounter] = []
) -> DLMSDecoder {
  var settings = DLMSDecoder.Configuration()
  if let cipher = TestCipher(key) {
    settings.cipher = DLMSCipher(authenticationKey: authenticationKey) { cipher.open($0, $1, $2, &$3) }
  }
  settings.systemTitle = systemTitle
  return DLMSDecoder(settings, counters: counters)
}

/// What comes of telegrams one after the other: nil for a good one, else the code.
private func codes(_ decoder: DLMSDecoder, _ telegrams: [[UInt8]]) -> [DecodeError.Code?] {
  var decoder = decoder
  return telegrams.map { telegram in
    var out: [Telegram] = []
    do throws(DecodeError) { try decoder.decode(telegram.span, into: &out) } catch { return error.code }
    return out.count == 1 && out[0].readings[0].meterNumber == "123456789012" ? nil : .noise
  }
}

private func headerOf(_ telegram: Telegram?) -> DLMSHeader? {
  if case .dlms(let content) = telegram?.records { content.header } else { nil }
}

private func changed(_ bytes: [UInt8], at place: Int, by bit: UInt8 = 1) -> [UInt8] {
  var bytes = bytes
  bytes[place] ^= bit
  return bytes
}

// MARK: - Security control

private struct Security: Sendable, CustomTestStringConvertible {
  var byte: UInt8
  var isKeyKnown: Bool
  var verification: DLMSVerification
  var testDescription: String { "\(Hexadecimal.text([byte])) \(isKeyKnown ? "with" : "without") authentication key" }
}

@Test(arguments: [
  Security(byte: 0x20, isKeyKnown: false, verification: .noTag),
  Security(byte: 0x21, isKeyKnown: true, verification: .noTag),
  Security(byte: 0x60, isKeyKnown: false, verification: .noTag),
  Security(byte: 0x30, isKeyKnown: true, verification: .verified),
  Security(byte: 0x31, isKeyKnown: true, verification: .verified),
  Security(byte: 0x30, isKeyKnown: false, verification: .unchecked),
  Security(byte: 0x31, isKeyKnown: false, verification: .unchecked),
  Security(byte: 0x10, isKeyKnown: true, verification: .verified),
  Security(byte: 0x10, isKeyKnown: false, verification: .unchecked),
])
private func opensEveryKindOfEnvelope(_ security: Security) throws {
  for tag in [0xDB, 0xDC] as [UInt8] {
    let sealed = DLMSBuilder.seal(data, counter: 7, security: security.byte, tag: tag)
    let decoder = decoder(authenticationKey: security.isKeyKnown ? DLMSBuilder.authenticationKey : nil)
    let decoded = decodeAll([.frame(sealed)], decoder)
    let telegram = try #require(decoded.telegrams.first, "\(decoded.errors)")
    #expect(telegram.readings[0].meterNumber == "123456789012")
    #expect(telegram.bytes == sealed)
    let header = try #require(headerOf(telegram))
    #expect(header.verification == security.verification)
    #expect(header.systemTitle == title)
    #expect(header.frameCounter == 7)
    #expect(header.security?.byte == security.byte)
  }
}

@Test func aFlippedBitBreaksTheTag() {
  for security in [0x30, 0x10] as [UInt8] {
    let sealed = DLMSBuilder.seal(data, counter: 7, security: security)
    let decoder = decoder(authenticationKey: DLMSBuilder.authenticationKey)
    for place in stride(from: 12, to: sealed.count, by: 1) {
      let codes = codes(decoder, [changed(sealed, at: place)])
      #expect(codes != [nil], "byte \(place)")
    }
  }
}

@Test func aConfiguredTitleWhereTheTelegramHasNone() {
  let sealed = DLMSBuilder.seal(data, counter: 7, sendsTitle: false)
  #expect(codes(decoder(systemTitle: title), [sealed]) == [nil])
  #expect(codes(decoder(), [sealed]) == [.systemTitleMissing])
}

@Test func lengthsThatDoNotFit() {
  let sealed = DLMSBuilder.seal(data, counter: 7)
  #expect(codes(decoder(), [Array(sealed.dropLast())]) == [.lengthMismatch])
  #expect(codes(decoder(), [changed(sealed, at: 1)]) == [.badFrame])
  // Compression is beyond us; neither enciphered nor authenticated is nothing.
  #expect(
    codes(decoder(), [changed(sealed, at: 12, by: 0x80), changed(sealed, at: 12, by: 0x20)]) == [
      .unsupported, .unsupported,
    ])
  #expect(codes(decoder(), [[0xDD] + sealed.dropFirst()]) == [.unsupported])
}

// MARK: - Wrong keys

@Test func withoutAKeyTheMeterIsNamed() throws {
  let error = try #require(decodeAll([.frame(DLMSBuilder.seal(data, counter: 1))], DLMSDecoder()).errors.first)
  #expect(error.code == .noKey)
  #expect(error.description.contains("6KFM5501193046"))
}

@Test func aWrongKeyIsRecognisedWhateverTheTelegram() {
  for other in UInt8(1)...60 {
    let wrong = decoder(key: DLMSBuilder.key.map { $0 ^ other })
    #expect(codes(wrong, [DLMSBuilder.seal(data, counter: UInt32(other))]) == [.wrongKey])
  }
  let wrong = decoder(key: DLMSBuilder.key.reversed(), authenticationKey: DLMSBuilder.authenticationKey)
  #expect(codes(wrong, [DLMSBuilder.seal(data, counter: 1, security: 0x30)]) == [.wrongKey])
}

@Test func aWrongAuthenticationKeyIsToldFromAWrongKey() {
  let wrong = decoder(authenticationKey: DLMSBuilder.key)
  #expect(codes(wrong, [DLMSBuilder.seal(data, counter: 1, security: 0x30)]) == [.wrongAuthenticationKey])
  #expect(codes(wrong, [DLMSBuilder.seal(data, counter: 1, security: 0x10)]) == [.wrongAuthenticationKey])
}

@Test func damageIsNoWrongKeyUnlessItGoesOn() {
  let good = DLMSBuilder.seal(data, counter: 1)
  let damaged = (2..<6).map { changed(DLMSBuilder.seal(data, counter: $0), at: 17, by: 0x80) }
  #expect(
    codes(decoder(), [good] + damaged + [DLMSBuilder.seal(data, counter: 9)])
      == [nil, .undecipherable, .undecipherable, .wrongKey, .wrongKey, nil])
}

@Test func damageBehindAGoodBeginningIsSaidWhereItIs() {
  // The tag of the list becomes one that is none.
  let damaged = changed(DLMSBuilder.seal(data, counter: 1), at: 17 + 18 + 2, by: 0x40)
  #expect(codes(decoder(), [damaged]) == [.badRecord])
}

@Test func aFailedCheckMovesNoCounter() {
  let decoder = decoder(authenticationKey: DLMSBuilder.authenticationKey)
  let forged = changed(DLMSBuilder.seal(data, counter: 1000, security: 0x30), at: 40)
  let telegrams = [
    DLMSBuilder.seal(data, counter: 1, security: 0x30), forged, DLMSBuilder.seal(data, counter: 2, security: 0x30),
  ]
  #expect(codes(decoder, telegrams) == [nil, .undecipherable, nil])
}

// MARK: - Frame counters

private func counters(_ values: [UInt32], from last: UInt32? = nil) -> [DecodeError.Code?] {
  let known = last.map { [DLMSFrameCounter(title: title, value: $0)] } ?? []
  return codes(decoder(counters: known), values.map { DLMSBuilder.seal(data, counter: $0) })
}

@Test func frameCountersRise() {
  #expect(counters([5, 6, 100]) == [nil, nil, nil])
  #expect(counters([5, 5, 4, 6]) == [nil, .replayed, .replayed, nil])
  #expect(counters([5], from: 9) == [.replayed])
  #expect(counters([10], from: 9) == [nil])
}

@Test func aCounterThatBeganAnewIsBelievedWithTheThirdTelegram() {
  #expect(counters([1, 2, 3, 4], from: 1000) == [.replayed, .replayed, nil, nil])
  #expect(counters([1, 1, 2, 2, 3], from: 1000) == [.replayed, .replayed, .replayed, .replayed, .replayed])
  #expect(counters([1, 2, 1001, 3], from: 1000) == [.replayed, .replayed, nil, .replayed])
  var decoder = decoder(counters: [DLMSFrameCounter(title: title, value: 1000)])
  var telegrams: [Telegram] = []
  for value in UInt32(1)...3 {
    try? decoder.decode(DLMSBuilder.seal(data, counter: value).span, into: &telegrams)
  }
  #expect(headerOf(telegrams.first)?.isCounterRestarted == true)
  #expect(decoder.counters == [DLMSFrameCounter(title: title, value: 3)])
}

@Test func everyMeterCountsForItselfAndOnlySoManyAreRemembered() throws {
  var counters = DLMSFrameCounters()
  for meter in UInt64(1)...20 { #expect(try !counters.accept(SystemTitle(meter), 100)) }
  #expect(counters.all.count == DLMSFrameCounters.limit)
  #expect(throws: DecodeError.self) { try counters.accept(SystemTitle(20), 100) }
  #expect(try !counters.accept(SystemTitle(1), 1))
}

// MARK: - Secrets, and what no house has

@Test func aCipherShowsNothing() {
  let cipher = DLMSCipher(authenticationKey: DLMSBuilder.authenticationKey) { _, _, _, _ in true }
  #expect("\(cipher)" == "(hidden)")
  var text = ""
  dump(decoder(authenticationKey: [0xD0, 0xD1]), to: &text)
  #expect(!text.contains("208"))
  #expect(!text.contains("0xD0"))
}

@Test func whatNoHouseHasIsNoValueWhereNothingVouchesForIt() throws {
  let absurd = DLMSBuilder.kaifa(power: 0x8000_01D8)
  for (security, isValue) in [(0x20, false), (0x30, true)] as [(UInt8, Bool)] {
    let decoder = decoder(authenticationKey: DLMSBuilder.authenticationKey)
    let sealed = DLMSBuilder.seal(absurd, counter: 1, security: security)
    let reading = try #require(decodeAll([.frame(sealed)], decoder).telegrams.first?.readings.first)
    let power = try #require(reading.fields.first { $0.key == FieldKey(.powerImport) })
    #expect((power.value != .absent(.outOfRange)) == isValue)
    #expect(reading.fields.count == 11)
  }
}

// MARK: - Mutations

/// Small, fast and the same every time.
private struct Dice {
  var state: UInt64
  mutating func roll(_ sides: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int(state >> 33) % sides
  }
}

@Test func tenThousandMutationsTrapNothingAndForgeNothing() {
  let verified = decoder(authenticationKey: DLMSBuilder.authenticationKey)
  let sealed = DLMSBuilder.seal(data, counter: 7, security: 0x30)
  let seeds: [[[UInt8]]] = [
    DLMSBuilder.mbus(sealed), DLMSBuilder.hdlc(sealed, size: 100), [DLMSBuilder.wrapper(sealed)], [sealed],
    DLMSBuilder.blocks(sealed, size: 80).map { DLMSBuilder.hdlcFrame($0) },
  ]
  var dice = Dice(state: 3)
  for round in 0..<10_000 {
    var bytes = seeds[round % seeds.count].flatMap(\.self)
    for _ in 0...dice.roll(3) {
      switch dice.roll(4) {
      case 0: bytes[dice.roll(bytes.count)] ^= 1 << UInt8(dice.roll(8))
      case 1: bytes.remove(at: dice.roll(bytes.count))
      case 2: bytes.insert(UInt8(dice.roll(256)), at: dice.roll(bytes.count))
      default: bytes.removeSubrange(dice.roll(bytes.count)...)
      }
      if bytes.isEmpty { bytes = [0] }
    }
    let framer = DLMSFramer(ignoresChecksums: round % 2 == 0)
    for telegram in decodeAll(frames(framer, bytes), verified).telegrams {
      guard case .dlms(let content) = telegram.records else { continue }
      guard content.header.verification == .verified else { continue }
      #expect(content.data.suffix(data.count + 12).starts(with: data))
    }
    // The same as data in plain: anything but a trap.
    _ = decodeAll([.frame(bytes)], DLMSDecoder())
  }
}

@Test func mutatedDataInPlainTrapsNothing() {
  var dice = Dice(state: 5)
  for _ in 0..<10_000 {
    var bytes = data
    for _ in 0...dice.roll(6) { bytes[dice.roll(bytes.count)] = UInt8(dice.roll(256)) }
    _ = decodeAll([.frame(bytes)], DLMSDecoder())
    _ = decodeAll(frames(DLMSFramer(.apdu), bytes), DLMSDecoder())
  }
}
