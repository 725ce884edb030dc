import Testing

@testable import Base
@testable import Decoders

/// A Belgian meter with a gas and a water meter behind it.
private let lines = [
  "0-0:96.1.4(50217)", "0-0:96.1.1(3153414733313030303534333231)", "0-0:1.0.0(260117101530W)",
  "1-0:1.8.1(000123.456*kWh)", "0-0:96.14.0(0001)", "1-0:1.4.0(00.250*kW)", "1-0:1.6.0(260111190000W)(02.350*kW)",
  "0-0:98.1.0(1)(1-0:1.6.0)(1-0:1.6.0)(260101000000W)(251207001500W)(04.884*kW)", "1-0:1.7.0(00.695*kW)",
  "1-0:32.7.0(231.4*V)", "1-0:31.7.0(000.92*A)", "0-0:96.7.21(00004)", "0-0:17.0.0(999.9*kW)", "0-0:96.13.0()",
  "0-1:24.1.0(003)", "0-1:96.1.1(37464C4F32313139303035343332)", "0-1:24.4.0(1)",
  "0-1:24.2.3(260117100000W)(02318.427*m3)", "0-2:24.1.0(007)", "0-2:96.1.1(3853414731323334303035343332)",
  "0-2:24.2.1(260117100000W)(00872.234*m3)",
]

/// Lines of other meters: one without sub-meters, one in whose channels nothing is linked, and heat that is read in GJ.
private let others: [[String]] = [
  Array(lines[..<14]), ["1-0:1.8.0(1*kWh)", "1-0:1.8.0(2*kWh)", "1-0:2.7.0(5*W)", "0-0:96.1.1(4711)"],
  lines + ["0-3:24.1.0(000)", "0-3:24.2.1(000101000000W)(*m3)"],
  Array(lines[..<14]) + ["0-1:24.1.0(012)", "0-1:96.1.0(3132)", "0-1:24.2.1(260117100000W)(12.345*GJ)"],
  Array(lines[..<14]) + ["0-1:24.1.0(003)", "0-1:24.2.1(260117100000)(12.345*m3)"],
  lines + ["0-3:24.1.0(003)", "0-3:96.1.0(3132)", "0-3:24.2.1(260117100000W)(12.345)"],
  ["0-0:1.0.0(260117101530)", "1-0:1.8.0(1.5*kWh)", "0-0:42.0.0(41424344)", "0-0:96.1.0(3132)", "1-0:1.7.0(2*kW)"],
  ["0-0:1.0.0(260117101530W)", "1-0:1.8.0(1.5*kWh)", "6-0:1.0.0(12.5*GJ)", "1-0:1.7.0(2*kW)"],
]

@Suite struct P1LayoutTests {
  /// Everything that becomes of a frame.
  private func outcome(_ frame: [UInt8], _ decoder: inout P1Decoder) -> [String] {
    var telegrams: [Telegram] = []
    do throws(DecodeError) { try decoder.decode(frame.span, into: &telegrams) } catch { return ["\(error)"] }
    return telegrams.map { "\($0.readings)\($0.bytes)\($0.issues)\($0.protection)" }
  }

  /// The table of a decoder that has seen a telegram of these lines twice.
  private func experienced(_ lines: [String], utcOffset: Int16? = nil) -> P1Layouts {
    let layouts = P1Layouts()
    var decoder = P1Decoder(utcOffset: utcOffset, layouts)
    for _ in 0..<2 { _ = outcome(P1Builder.bytes(lines), &decoder) }
    return layouts
  }

  private func isKnown(_ frame: [UInt8], to layouts: P1Layouts, utcOffset: Int16? = nil) -> Bool {
    let telegram = Array(frame.dropLast(6))
    return layouts.readings(telegram.span, utcOffset: utcOffset) != nil
  }

  private func isKnown(_ lines: [String], to layouts: P1Layouts, utcOffset: Int16? = nil) -> Bool {
    isKnown(P1Builder.bytes(lines), to: layouts, utcOffset: utcOffset)
  }

  @Test(
    "a decoder that has seen other telegrams makes the same of each as a new one", arguments: [nil, 60] as [Int16?])
  func sameAsNew(_ offset: Int16?) throws {
    var numbers = SplitMix64(seed: 62056)
    var samples = Sample.all(of: .p1).flatMap { goodFrames(frames(P1Framer(), $0.bytes)) }
    try #require(samples.count > 15)
    samples += ([lines] + others).map { P1Builder.bytes($0) }
    var known = 0
    for sample in samples {
      let layouts = P1Layouts()
      var experienced = P1Decoder(utcOffset: offset, layouts)
      for round in 0..<24 {
        let frame = round < 2 ? sample : P1Builder.resealed(numbers.mutated(sample))
        if isKnown(frame, to: layouts, utcOffset: offset) { known += 1 }
        var new = P1Decoder(utcOffset: offset, P1Layouts())
        #expect(outcome(frame, &experienced) == outcome(frame, &new), "\(String(decoding: frame, as: UTF8.self))")
      }
    }
    #expect(known > samples.count)
  }

  /// A line with other digits in its brackets.
  private func exchanged(_ line: String, _ numbers: inout SplitMix64) -> String {
    var bytes = Array(line.utf8)
    numbers.exchangeDigits(of: &bytes, oneIn: 2)
    return String(decoding: bytes, as: UTF8.self)
  }

  @Test("telegrams that differ in digits alone are the same as read by a new decoder")
  func digitsAlone() {
    var numbers = SplitMix64(seed: 1603)
    let layouts = experienced(lines)
    var decoder = P1Decoder(utcOffset: nil, layouts)
    var known = 0
    for _ in 0..<2000 {
      let chosen = (0..<3).map { _ in Int.random(in: lines.indices, using: &numbers) }
      let changed = lines.indices.map { chosen.contains($0) ? exchanged(lines[$0], &numbers) : lines[$0] }
      let frame = P1Builder.bytes(changed)
      if isKnown(changed, to: layouts) { known += 1 }
      var new = P1Decoder(utcOffset: nil, P1Layouts())
      #expect(outcome(frame, &decoder) == outcome(frame, &new))
    }
    #expect(known > 0)
  }

  @Test(
    "other digits of values and times are known, and other meters' numbers and lists",
    arguments: [
      (1, "0-0:96.1.1(3153414733313030303534333939)"), (2, "0-0:1.0.0(260717101530S)"),
      (3, "1-0:1.8.1(999999.999*kWh)"), (5, "1-0:1.4.0(09.999*kW)"), (6, "1-0:1.6.0(260717190000S)(00.000*kW)"),
      (7, "0-0:98.1.0(1)(1-0:1.6.0)(1-0:1.6.0)(260701000000S)(260607001500S)(00.001*kW)"), (8, "1-0:1.7.0(00.000*kW)"),
      (11, "0-0:96.7.21(99999)"), (15, "0-1:96.1.1(37464C4F32313139303035343335)"),
      (17, "0-1:24.2.3(260117110000W)(02318.999*m3)"), (20, "0-2:24.2.1(260117110000W)(00872.235*m3)"),
    ])
  func known(_ place: Int, _ line: String) {
    var changed = lines
    changed[place] = line
    #expect(isKnown(changed, to: experienced(lines)))
  }

  @Test(
    "whatever else is another one is read line by line",
    arguments: [
      (0, "0-0:96.1.4(50218)"), (1, "0-0:96.1.1(2053414733313030303534333231)"),
      (1, "0-0:96.1.1(315341473331303030353433323X)"), (2, "0-0:1.0.0(261317101530W)"), (2, "0-0:1.0.0(260117101530X)"),
      (2, "0-0:1.0.0(000101000000W)"), (3, "1-0:1.8.2(000123.456*kWh)"), (3, "1-0:1.8.1(0001234.56*kWh)"),
      (3, "1-0:1.8.1(000123.456*MWh)"), (3, "1-0:1.8.1(-00123.456*kWh)"), (3, "1-0:1.8.1(00012:.456*kWh)"),
      (4, "0-0:96.14.0(0002)"), (6, "1-0:1.6.0(632525252525W)(02.350*kW)"),
      (6, "1-0:1.6.0(700101000000W)(00.000*kW)"),
      (7, "0-0:98.1.0(1)(1-0:1.6.0)(1-0:1.6.0)(260101000000W)(251207001500W)(04.8(4*kW)"), (11, "0-0:96.7.21(0000a)"),
      (12, "0-0:17.0.0(999.8*kW)"), (16, "0-1:24.4.0(0)"), (17, "0-1:24.2.3(000101000000W)(02318.427*m3)"),
      (17, "0-1:24.2.3(260117100000W)(02318.427*MJ)"), (20, "0-2:24.2.1(260117100000W)(0872.2345*m3)"),
    ])
  func unknown(_ place: Int, _ line: String) {
    var changed = lines
    changed[place] = line
    #expect(changed[place].utf8.count == lines[place].utf8.count)
    #expect(!isKnown(changed, to: experienced(lines)))
  }

  @Test("a layout is of its offset from UTC") func offsets() {
    #expect(isKnown(lines, to: experienced(lines, utcOffset: 60), utcOffset: 60))
    #expect(!isKnown(lines, to: experienced(lines, utcOffset: 60), utcOffset: nil))
  }

  @Test("a telegram with an issue is not remembered, nor one whose sub-meter or clock depends on more than its digits")
  func notRemembered() {
    for lines in others[2...] { #expect(!isKnown(lines, to: experienced(lines))) }
    let broken = lines + ["1-0:2.8.0(5*furlong)"]
    #expect(!isKnown(broken, to: experienced(broken)))
  }

  @Test("what one meter has taught is known of the next one, and there is room for eight") func table() {
    let layouts = P1Layouts()
    for count in 1...9 {
      var decoder = P1Decoder(utcOffset: nil, layouts)
      let few = Array(lines.prefix(count + 3))
      _ = outcome(P1Builder.bytes(few), &decoder)
      #expect(!isKnown(few, to: layouts))
      _ = outcome(P1Builder.bytes(few), &decoder)
      #expect(isKnown(few, to: layouts) == (count < 9))
    }
    #expect(layouts.isFull)
  }
}
