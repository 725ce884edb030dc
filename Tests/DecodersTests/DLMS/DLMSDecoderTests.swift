import Testing

@testable import Decoders

private let data = DLMSBuilder.kaifa()

/// Small, fast and the same every time.
private struct Dice {
  var state: UInt64
  mutating func roll(_ sides: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int(state >> 33) % sides
  }
}

@Suite struct DLMSDecoderTests {
  @Test("a push object list need not name itself, and may be short") func pushObjectLists() throws {
    func descriptor(_ id: UInt16, _ code: [UInt8], _ attribute: Int8) -> [UInt8] {
      AXDR.list(AXDR.uint16(id), code, AXDR.int8(attribute), AXDR.uint16(0))
    }
    let energy = AXDR.code(1, 0, 1, 8, 0)
    let descriptors = AXDR.array([
      descriptor(40, AXDR.code(0, 8, 25, 9, 0), 2), descriptor(1, AXDR.code(0, 0, 96, 1, 0), 2),
      descriptor(3, energy, 1), descriptor(3, energy, 2), descriptor(3, energy, 3),
      descriptor(3, AXDR.code(1, 0, 31, 7, 0), 2),
    ])
    let values = [
      AXDR.text("63316890"), AXDR.octets([1, 0, 1, 8, 0, 255]), AXDR.uint32(49_122), AXDR.scaler(1, 30),
      AXDR.uint16(49),
    ]
    let expected = ["energy_import: 491.22 kWh", "current_l1: 0.49 A"]
    #expect(try DLMSBuilder.lines(AXDR.structure([descriptors] + values)) == expected)
    // A list that does not name itself: one value more.
    let nameless = AXDR.array([descriptor(3, energy, 2), descriptor(3, energy, 3)])
    #expect(try DLMSBuilder.lines(AXDR.list(nameless, AXDR.uint32(5), AXDR.scaler(3, 30))) == ["energy_import: 5 kWh"])
    // Fewer values than descriptors: what is there counts, and it is said.
    let short = try DLMSBuilder.decode(DLMSBuilder.notification(AXDR.structure([descriptors] + values.dropLast())))
      .get()
    #expect(short.readings[0].fieldLines == ["energy_import: 491.22 kWh"])
    #expect(short.issues.map(\.code) == [.lengthMismatch])
  }

  @Test("one frame carries several telegrams") func severalTelegrams() throws {
    let link: [UInt8] = [0xE6, 0xE7, 0x00]
    let decoded = decodeAll(
      [.frame(DLMSBuilder.hdlcFrame(link + DLMSBuilder.kaifa() + link + DLMSBuilder.kaifa(power: 1)))], DLMSDecoder())
    #expect(decoded.telegrams.map { $0.readings[0].fieldLines[2] } == ["power_import: 472 W", "power_import: 1 W"])
    // Anything else behind a telegram is said and takes nothing away.
    let trailing = decodeAll([.frame(DLMSBuilder.hdlcFrame(link + DLMSBuilder.kaifa() + [1, 2]))], DLMSDecoder())
    #expect(trailing.telegrams.map { $0.issues.map(\.code) } == [[.noise]])
  }

  @Test("of two values with one code the first counts") func duplicates() throws {
    let power = AXDR.code(1, 0, 1, 7, 0)
    let body = AXDR.list(power, AXDR.uint32(5), AXDR.scaler(0, 27), power, AXDR.uint32(6), AXDR.scaler(0, 27))
    let telegram = try DLMSBuilder.decode(DLMSBuilder.notification(body)).get()
    #expect(telegram.readings[0].fieldLines == ["power_import: 5 W"])
    guard let content = telegram.content as? DLMSContent else { return }
    #expect(content.records.count == 2)
  }

  @Test("other application data is refused") func otherData() {
    for data in [
      [0xC2, 0, 0, 1], [0x0F], [0x0F, 0, 0, 0, 1, 7, 1, 2], [0x2F, 0x41, 0x42, 0x43], [0xE6, 0xE7, 0x00], [],
    ]
      as [[UInt8]]
    {
      guard case .failure = DLMSBuilder.decode(data) else {
        Issue.record("\(data)")
        continue
      }
    }
  }

  @Test("a list that is cut is refused") func cutList() {
    let list = DLMSBuilder.kaifa()
    for count in 0..<list.count {
      guard case .failure = DLMSBuilder.decode(Array(list.prefix(count))) else {
        Issue.record("the first \(count) bytes pass")
        continue
      }
    }
  }

  @Test("ten thousand mutations trap nothing and forge nothing") func mutatedFrames() {
    let verified = DLMSBuilder.decoder(authenticationKey: DLMSBuilder.authenticationKey)
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
        guard let content = telegram.content as? DLMSContent else { continue }
        guard content.header.verification == .verified else { continue }
        #expect(content.data.suffix(data.count + 12).starts(with: data))
      }
      // The same as data in plain: anything but a trap.
      _ = decodeAll([.frame(bytes)], DLMSDecoder())
    }
  }

  @Test("mutated data in plain traps nothing") func mutatedData() {
    var dice = Dice(state: 5)
    for _ in 0..<10_000 {
      var bytes = data
      for _ in 0...dice.roll(6) { bytes[dice.roll(bytes.count)] = UInt8(dice.roll(256)) }
      _ = decodeAll([.frame(bytes)], DLMSDecoder())
      _ = decodeAll(frames(DLMSFramer(.apdu), bytes), DLMSDecoder())
    }
  }
}
