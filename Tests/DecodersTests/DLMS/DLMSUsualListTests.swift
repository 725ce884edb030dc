import Base
import Testing

@testable import Decoders

@Suite struct DLMSUsualListTests {
  private func decoder(_ settings: DLMSDecoder.Configuration = .init(), after lists: [[UInt8]]) -> DLMSDecoder {
    var decoder = DLMSDecoder(settings)
    for list in lists { _ = DLMSOutcome(list, &decoder) }
    return decoder
  }

  /// Whether a list is known.
  private func isKnown(_ list: [UInt8], after lists: [[UInt8]]) -> Bool {
    var habit = decoder(after: lists).habit
    guard let start = habit.lists.first?.place.lowerBound else { return false }
    return habit.read(list.span, start, to: list.count, DLMSHeader(), .init()) != nil
  }

  @Test("what a decoder remembers never changes what comes of a list", arguments: PlainList.all)
  func memory(_ list: PlainList) { #expect(list.remembered() == nil) }

  @Test("lists of several meters in any order give what each gives alone") func mixture() {
    var dice = SplitMix64(seed: 7)
    let lists = PlainList.all.filter { $0.settings.scalers.isEmpty && $0.settings.maker == nil }.map(\.data)
    var seasoned = DLMSDecoder()
    for _ in 0..<2000 {
      let list = lists[dice.roll(lists.count)]
      for _ in 0...dice.roll(4) {
        let frame = dice.roll(2) == 0 ? list : dice.damaged(list)
        var fresh = DLMSDecoder()
        #expect(DLMSOutcome(frame, &seasoned) == DLMSOutcome(frame, &fresh), "\(Hexadecimal.text(frame))")
      }
    }
  }

  @Test("most lists are remembered") func most() {
    let known = PlainList.all.filter { decoder($0.settings, after: [$0.data, $0.data]).habit.lists.count == 1 }
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

  @Test("a pair behind a null, which a number may turn into a descriptor without tags, is not remembered")
  func pairs() {
    func list(_ number: UInt64) -> [UInt8] {
      let pair = AXDR.list(AXDR.null(), [0x15] + AXDR.big(number, 8))
      return DLMSBuilder.notification(AXDR.list(AXDR.code(1, 0, 1, 7, 0), AXDR.uint32(5), AXDR.scaler(0, 27), pair))
    }
    let descriptor: UInt64 = 0xFF_0100
    var decoder = DLMSDecoder()
    let records = [list(5), list(6), list(descriptor)].map { DLMSOutcome($0, &decoder).records[0][1] }
    #expect(records.map(\.content) == [.number(FixedDecimal(5)), .number(FixedDecimal(6)), .absent(.noData)])
    #expect(records.map(\.obis) == [nil, nil, Obis(0, 0, 0, 0, 0)])
    #expect(!isKnown(list(descriptor), after: [list(5), list(5)]))
  }

  @Test("a number that may be a code by the bytes behind the list is not remembered") func codesAtTheEnd() {
    let list = DLMSBuilder.notification(
      AXDR.list(AXDR.code(1, 0, 1, 7, 0), AXDR.uint32(5), AXDR.code(1, 0, 2, 7, 0), AXDR.uint32(0x0901_0000)))
    let longer = list + [0x01, 0x00, 0xFF]
    var decoder = decoder(after: [list, list])
    var fresh = DLMSDecoder()
    let outcome = DLMSOutcome(longer, &fresh)
    #expect(outcome.records.first?.last?.content == .bytes(ByteRange(from: list.count - 3, to: list.count + 3)))
    #expect(DLMSOutcome(longer, &decoder) == outcome)
  }

  @Test("digits come from each list itself") func values() {
    var decoder = decoder(after: [DLMSBuilder.kaifa(), DLMSBuilder.kaifa()])
    for power in [0, 1, 77_777] as [UInt32] {
      let outcome = DLMSOutcome(DLMSBuilder.kaifa(power: power, energy: 10 * power), &decoder)
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
      let outcome = DLMSOutcome(DLMSBuilder.seal(body, counter: UInt32(index + 1), title: title), &decoder)
      return outcome.readings.first?.first?.meterNumber
    }
    #expect(numbers == ["6KFM5501193046", "6KFM5501193046", "ISK0102030405", "6KFM5501193046"])
  }
}
