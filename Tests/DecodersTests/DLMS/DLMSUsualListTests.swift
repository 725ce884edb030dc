import Testing

@testable import Decoders

/// Small, fast and the same every time.
private struct Dice {
  var state: UInt64 = 7
  mutating func roll(_ sides: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int(state >> 33) % sides
  }

  /// A copy with up to four other bytes.
  mutating func damaged(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    for _ in 0...roll(4) {
      let place = roll(bytes.count)
      switch roll(5) {
      case 0: bytes[place] ^= 1 << UInt8(roll(8))
      case 1: bytes[place] = UInt8(roll(256))
      case 2: bytes[place] = [0x00, 0x02, 0x06, 0x09, 0x0A, 0x0C, 0x10, 0x12, 0x16, 0xFF][roll(10)]
      case 3: bytes[place] &+= 1
      default: bytes[place] = bytes[roll(bytes.count)]
      }
    }
    return bytes
  }
}

/// All that comes of one frame.
private struct Outcome: Equatable {
  var header: [DLMSHeader?] = []
  var records: [[DLMSRecord]] = []
  var readings: [[Reading]] = []
  var issues: [[DecodeError]] = []
  var error: DecodeError?

  init(_ frame: [UInt8], _ decoder: inout DLMSDecoder) {
    var telegrams: [Telegram] = []
    do throws(DecodeError) { try decoder.decode(frame.span, into: &telegrams) } catch { self.error = error }
    for telegram in telegrams {
      header.append(telegram.dlmsHeader)
      records.append((telegram.content as? DLMSContent)?.records ?? [])
      readings.append(telegram.readings)
      issues.append(telegram.issues)
    }
  }
}

/// A list of a sample, as a meter without a cipher would push it.
private struct PlainList: CustomTestStringConvertible {
  var name: String
  var data: [UInt8]
  var settings: DLMSDecoder.Configuration
  var testDescription: String { name }

  init?(_ sample: Sample) {
    name = sample.name
    settings = sample.settings.dlms
    guard let content = sample.decoded(sample.bytes).telegrams.first?.content as? DLMSContent else { return nil }
    let starts = content.data.indices.filter { content.data[$0] == DLMSTag.dataNotification }
    let lists = starts.map { Array(content.data[$0...]) }
    // A tag may follow.
    guard let data = lists.first(where: { if case .success = DLMSBuilder.decode($0) { true } else { false } }) else {
      return nil
    }
    self.data = data
  }

  static let all = Sample.all(of: .dlms).compactMap { PlainList($0) }
}

@Suite struct DLMSUsualListTests {
  private func decoder(_ settings: DLMSDecoder.Configuration = .init(), after lists: [[UInt8]]) -> DLMSDecoder {
    var decoder = DLMSDecoder(settings)
    for list in lists { _ = Outcome(list, &decoder) }
    return decoder
  }

  /// Whether a list with other digits comes from memory, where `kaifa(power:)` is usual.
  private func isKnown(_ list: [UInt8], after lists: [[UInt8]]) -> Bool {
    let decoder = decoder(after: lists)
    guard let usual = decoder.habit.list else { return false }
    let start = usual.place.lowerBound
    return usual.read(list.span, start, to: list.count, DLMSHeader(), .init()) != nil
  }

  @Test("what a decoder remembers never changes what comes of a list", arguments: PlainList.all)
  private func memory(_ list: PlainList) {
    var dice = Dice()
    var seasoned = decoder(list.settings, after: [list.data, list.data])
    var other = list.data
    for round in 0..<600 {
      // Mostly the usual list or one like it; now and then another one becomes usual.
      if round % 40 == 0 { other = dice.damaged(list.data) }
      let frame = dice.roll(3) == 0 ? list.data : dice.damaged(round % 40 < 20 ? list.data : other)
      var fresh = DLMSDecoder(list.settings)
      let outcome = Outcome(frame, &seasoned)
      let expected = Outcome(frame, &fresh)
      #expect(outcome == expected, "\(Hexadecimal.text(frame))")
      if outcome != expected { return }
    }
  }

  @Test("lists of several meters in any order give what each gives alone") func mixture() {
    var dice = Dice()
    let lists = PlainList.all.filter { $0.settings.scalers.isEmpty && $0.settings.maker == nil }.map(\.data)
    var seasoned = DLMSDecoder()
    for _ in 0..<2000 {
      let list = lists[dice.roll(lists.count)]
      for _ in 0...dice.roll(4) {
        let frame = dice.roll(2) == 0 ? list : dice.damaged(list)
        var fresh = DLMSDecoder()
        #expect(Outcome(frame, &seasoned) == Outcome(frame, &fresh), "\(Hexadecimal.text(frame))")
      }
    }
  }

  @Test("most lists are remembered") func most() {
    let known = PlainList.all.filter { decoder($0.settings, after: [$0.data, $0.data]).habit.list != nil }
    #expect(known.count > PlainList.all.count * 3 / 4, "\(known.map(\.name))")
  }

  @Test("other digits and times make no other list") func digits() {
    let usual = [DLMSBuilder.kaifa(), DLMSBuilder.kaifa(power: 5)]
    #expect(isKnown(DLMSBuilder.kaifa(power: 70_000, energy: 0), after: usual))
    let later = AXDR.moment(2031, 2, 3, 4, 5, 6, deviation: -120, status: 0x80)
    #expect(isKnown(DLMSBuilder.kaifa(moment: later), after: usual))
    var number = DLMSBuilder.kaifa()
    number[number.count - 1] ^= 1
    #expect(!isKnown(number, after: usual))
    #expect(!isKnown(DLMSBuilder.kaifa(moment: AXDR.moment(2031, 2, 30, 4, 5, 6)), after: usual))
    // A number that begins like a code with tag and length in the wrong order.
    #expect(!isKnown(DLMSBuilder.kaifa(energy: 0x0901_0203), after: usual))
  }

  @Test("digits come from each list itself") func values() {
    var decoder = decoder(after: [DLMSBuilder.kaifa(), DLMSBuilder.kaifa()])
    for power in [0, 1, 77_777] as [UInt32] {
      let outcome = Outcome(DLMSBuilder.kaifa(power: power, energy: 10 * power), &decoder)
      let lines = outcome.readings[0][0].fieldLines
      #expect(lines[0] == "energy_import: \(FixedDecimal(Int64(10 * power), exponent: -3)) kWh")
      #expect(lines[2] == "power_import: \(power) W")
    }
  }

  @Test("a voltage that another power of ten goes with makes another list") func sizes() {
    func list(_ volts: [UInt16]) -> [UInt8] {
      let values = zip([32, 52, 72], volts).flatMap { [AXDR.code(1, 0, $0, 7, 0), AXDR.uint16($1)] }
      return DLMSBuilder.notification(AXDR.structure([AXDR.code(1, 0, 1, 7, 0), AXDR.uint32(5)] + values))
    }
    let usual = [list([2301, 2302, 2303]), list([2301, 2302, 2303])]
    #expect(isKnown(list([2309, 2310, 2299]), after: usual))
    #expect(!isKnown(list([2309, 231, 2299]), after: usual))
    #expect(!isKnown(list([230, 231, 229]), after: usual))
    #expect(!isKnown(list([0, 0, 0]), after: usual))
  }

  @Test("the same list of another sender is another list") func senders() throws {
    let body = DLMSBuilder.notification(
      AXDR.list(AXDR.code(1, 0, 1, 7, 0), AXDR.uint32(5), AXDR.scaler(0, 27)))
    var decoder = DLMSBuilder.decoder()
    let titles = [DLMSBuilder.title, DLMSBuilder.title, Array("ISK".utf8) + [1, 2, 3, 4, 5], DLMSBuilder.title]
    let numbers = titles.enumerated().map { index, title in
      let outcome = Outcome(DLMSBuilder.seal(body, counter: UInt32(index + 1), title: title), &decoder)
      return outcome.readings.first?.first?.meterNumber
    }
    #expect(numbers == ["6KFM5501193046", "6KFM5501193046", "ISK0102030405", "6KFM5501193046"])
  }

  @Test("one other list among the usual ones does not push them out, two in a row do") func patience() {
    let usual = DLMSBuilder.kaifa()
    let other = DLMSBuilder.notification(AXDR.list(AXDR.code(1, 0, 1, 7, 0), AXDR.uint32(5), AXDR.scaler(0, 27)))
    #expect(!isKnown(usual, after: [usual]))
    #expect(isKnown(usual, after: [usual, usual]))
    #expect(isKnown(usual, after: [usual, usual, other, usual, other]))
    #expect(isKnown(other, after: [usual, usual, usual, other, other]))
  }

  @Test("what does not come again is learnt ever more seldom") func seldom() {
    var habit = DLMSHabit()
    let learnt = (1...200).filter { _ in habit.isTired() }
    #expect(learnt == [2, 6, 14, 30, 62, 126, 190])
    habit.confirm()
    #expect([habit.isTired(), habit.isTired()] == [false, true])
  }
}
