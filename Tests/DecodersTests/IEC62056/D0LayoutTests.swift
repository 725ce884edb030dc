import Base
import Testing

@testable import Decoders

private let lines = [
  "0.0.0(99900001)", "F.F(0000)", "0.9.1(101530)", "0.9.2(260117)", "1.8.0(000123.45*kWh)", "1.7.0(00.250*kW)",
  "16.7(-000310*W)", "1.6.1(000.431*kW)(2601171145)", "0.2.0(2.10)",
]

@Suite struct D0LayoutTests {
  private let settings = [nil, 60] as [Int16?]

  /// Everything that becomes of a frame.
  private func outcome(_ frame: [UInt8], _ decoder: inout D0Decoder) -> [String] {
    var telegrams: [Telegram] = []
    do throws(DecodeError) { try decoder.decode(frame.span, into: &telegrams) } catch { return ["\(error)"] }
    return telegrams.flatMap { telegram in
      let content = telegram.content as? D0Content
      return [
        "\(telegram.readings)", "\(content?.records ?? [])", "\(content?.groups ?? [])", "\(telegram.bytes)",
        "\(telegram.issues)", "\(telegram.protection)",
      ]
    }
  }

  @Test("a decoder that has seen other readouts makes the same of each as a new one")
  func sameAsNew() throws {
    var numbers = SplitMix64(seed: 62056)
    var samples = Sample.all(of: .d0).flatMap { goodFrames(frames(D0Framer(), $0.bytes)) }
    samples += [lines, ["0.9.1(101530)(2613011145)", "9.36(2026-01-17&10:15:30)", "6.8(1.5*GJ)"]].flatMap {
      [D0Builder.bytes($0), D0Builder.unchecked($0)]
    }
    try #require(samples.count > 15)
    for offset in settings {
      var experienced = D0Decoder(utcOffset: offset)
      for _ in 0..<300 {
        // A meter's readouts come one after the other, and here those of another follow.
        let sample = try #require(samples.randomElement(using: &numbers))
        for _ in 0..<Int.random(in: 1...8, using: &numbers) {
          let frame = D0Builder.resealed(numbers.mutated(sample))
          var new = D0Decoder(utcOffset: offset)
          #expect(outcome(frame, &experienced) == outcome(frame, &new), "\(String(decoding: frame, as: UTF8.self))")
        }
      }
    }
  }

  /// A decoder that has seen a readout twice.
  private func experienced(_ lines: [String]) -> D0Decoder {
    var decoder = D0Decoder()
    for _ in 0..<2 { _ = outcome(D0Builder.bytes(lines), &decoder) }
    return decoder
  }

  /// What a decoder makes of a readout by what it remembers; nil if it has to be read anew.
  private func known(_ lines: [String], by decoder: D0Decoder) -> Telegram? {
    var habit = decoder.habit
    return habit.telegram(D0Builder.bytes(lines).span, utcOffset: nil)
  }

  /// Whether a readout is read by what was remembered of one with the lines above.
  private func isKnown(_ place: Int, _ line: String) -> Bool {
    var changed = lines
    changed[place] = line
    return known(changed, by: experienced(lines)) != nil
  }

  @Test(
    "other digits of a number and of the clock are known",
    arguments: [
      (2, "0.9.1(235959)"), (3, "0.9.2(270228)"), (4, "1.8.0(999999.99*kWh)"), (5, "1.7.0(10.001*kW)"),
      (6, "16.7(-999999*W)"),
    ])
  func knownDigits(_ place: Int, _ line: String) { #expect(isKnown(place, line)) }

  @Test(
    "whatever else is another one is read anew",
    arguments: [
      (0, "0.0.0(99900002)"), (1, "F.F(0001)"), (4, "1.8.1(000123.45*kWh)"), (4, "1.8.0(00123.456*kWh)"),
      (4, "1.8.0(00012:.45*kWh)"), (4, "1.8.0(00012/.45*kWh)"), (4, "1.8.0(0000123.45*kWh)"),
      (4, "1.8.0(000123.45*MWh)"),
      (6, "16.7(+000310*W)"), (7, "1.6.1(000.431*kW)(2601171200)"), (7, "1.6.1(000.000*kW)(2601171145)"),
      (8, "0.2.0(2.11)"),
    ])
  func others(_ place: Int, _ line: String) { #expect(!isKnown(place, line)) }

  @Test("a second value beside the clock's is read anew, because with other digits it may be a time")
  func secondValues() {
    let decoder = experienced(["0.9.1(101530)(2613011145)", "1.8.0(1*kWh)"])
    #expect(known(["0.9.1(101532)(2613011145)", "1.8.0(2*kWh)"], by: decoder) != nil)
    #expect(known(["0.9.1(101530)(2601011145)", "1.8.0(1*kWh)"], by: decoder) == nil)
  }

  @Test("a few readouts that come in turn are remembered, and those that came last outlive the others")
  func turns() {
    let lists = (1...5).map { Array(lines.prefix($0)) }
    func known(after turns: [Int]) -> [Int] {
      var decoder = D0Decoder()
      for turn in turns { _ = outcome(D0Builder.bytes(lists[turn]), &decoder) }
      return lists.indices.filter { self.known(lists[$0], by: decoder) != nil }
    }
    #expect(known(after: [0]) == [])
    #expect(known(after: [0, 0]) == [0])
    #expect(known(after: [0, 1, 0, 1, 0, 1]) == [0, 1])
    #expect(known(after: (0..<6).flatMap { _ in [2, 3, 4] }) == [2, 3, 4])
    #expect(known(after: (0..<5).flatMap { [Int](repeating: $0, count: 99) }) == [2, 3, 4])
    // 520 bytes each.
    let long = (0..<20).map { "1.8.1*\($0 + 10)(000123.45*kWh)" }
    var decoder = experienced(long)
    for _ in 0..<9 { _ = outcome(D0Builder.bytes(long + ["F.F(0)"]), &decoder) }
    #expect(self.known(long, by: decoder) == nil && self.known(long + ["F.F(0)"], by: decoder) != nil)
  }

  @Test("a readout with issues, and one that is too long, is not remembered")
  func notRemembered() {
    for lines in [["1.8.0(5*furlong)"], (10..<60).map { "1.8.0*\($0)(000123.45*kWh)" }] {
      #expect(experienced(lines).habit.layouts.isEmpty)
    }
  }

  @Test("an impossible time is an issue of a known readout too")
  func badTimes() {
    let telegram = known(["0.9.1(256199)"].reduce(into: lines) { $0[2] = $1 }, by: experienced(lines))
    #expect(telegram?.issues.map(\.code) == [.badTime])
    #expect(telegram?.readings[0].time == nil)
  }
}
