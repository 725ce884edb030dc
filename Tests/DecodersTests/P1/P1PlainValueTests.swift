import Testing

@testable import Decoders

@Suite struct P1PlainValueTests {
  private static let units = [
    "", "*kWh", "*Wh", "*kW", "*W", "*V", "*A", "*m3", "*kvar", "*kvarh", "*var", "*varh", "*kVA", "*VA", "*VAh", "*Hz",
    "*s",
  ]
  private static let numbers = [
    "0", "7", "00", "0002", "12.", "231.4", "00.695", "000.92", "001043.608", "00012345.678", "1234567.8901",
    "999999999999999999", "99999999999999.999", "0.0000000000000001",
  ]

  /// The same bracket, read the way of all groups.
  private func group(_ text: String, takesComma: Bool) throws -> P1Group {
    let bytes = Array(text.utf8)
    var index = 0
    let content = P1Lines.number(bytes.span, &index, takesComma: takesComma)
    let end = try #require(bytes.firstIndex(of: UInt8(ascii: ")")))
    return P1Group(
      bytes.span, text: ByteRange(from: 0, to: index), unit: ByteRange(from: min(index + 1, end), to: end),
      content: content)
  }

  @Test("a plain value is what the way of all groups finds", arguments: numbers)
  func plain(_ number: String) throws {
    for unit in Self.units {
      for (text, takesComma) in [(number, false), (number, true), (number.replacing(".", with: ","), true)] {
        let text = "\(text)\(unit))\r\n!      "
        let bytes = Array(text.utf8)
        let found = P1PlainValue(bytes.span, at: 0, takesComma: takesComma)
        let value = try #require(found, "\(text)")
        let other = try group(text, takesComma: takesComma)
        #expect(value.group == other, "\(text)")
        #expect(unit.isEmpty == (value.group.usualUnit == .none))
        #expect(value.end == text.prefix { $0 != ")" }.count + 1)
      }
    }
  }

  @Test(
    "anything else is left to the way of all groups",
    arguments: [
      ")", "-1*kWh)", "+1)", ".5*V)", "1.2.3*V)", "1,2*V)", "12A4)", "1 *V)", "1*kwh)", "1*parsec)", "1*kWh*h)", "1*)",
      "1*kWh", "1234567890123456789)", "0000000000000000.001*kWh)", "1(2)", "1&2)", "260101000000W)",
    ])
  func others(_ text: String) {
    let bytes = Array("\(text)\r\n!      ".utf8)
    let value = P1PlainValue(bytes.span, at: 0, takesComma: false)
    #expect(value?.end == nil)
  }
}
