import Testing

@testable import Base
@testable import Meters

struct TelnetOptionsTests {
  private let wanted: Set = [TelnetOption.binary, TelnetOption.suppressGoAhead]

  @Test("wanted options are accepted, others refused") func answers() {
    var options = TelnetOptions(wanted)
    #expect(options.received(.will, TelnetOption.suppressGoAhead) == [0xFF, 0xFD, 0x03])
    #expect(options.received(.will, 1) == [0xFF, 0xFE, 0x01])
    #expect(options.received(.do, TelnetOption.binary) == [0xFF, 0xFB, 0x00])
    #expect(options.received(.do, 24) == [0xFF, 0xFC, 0x18])
    #expect(options.isOn(TelnetOption.binary) && !options.isOn(24))
  }

  @Test("what changes nothing is not answered") func noChange() {
    var options = TelnetOptions(wanted)
    #expect(options.received(.dont, 1).isEmpty && options.received(.wont, 1).isEmpty)
    _ = options.received(.do, TelnetOption.binary)
    #expect(options.received(.do, TelnetOption.binary).isEmpty)
    #expect(options.received(.dont, TelnetOption.binary) == [0xFF, 0xFC, 0x00])
    #expect(options.received(.dont, TelnetOption.binary).isEmpty)
  }

  @Test("the answer to a request is not answered") func requests() {
    var options = TelnetOptions(wanted)
    #expect(options.request(TelnetOption.binary) == [0xFF, 0xFB, 0x00, 0xFF, 0xFD, 0x00])
    #expect(options.received(.do, TelnetOption.binary).isEmpty)
    #expect(options.received(.wont, TelnetOption.binary).isEmpty)
    #expect(options.isOn(TelnetOption.binary))
  }

  @Test("two programs come to an end, whatever they begin with") func noLoop() {
    var random = SplitMix64(seed: 3)
    for _ in 0..<500 {
      var ends = [TelnetOptions(wanted), TelnetOptions([TelnetOption.binary, 1, 24])]
      var lines: [[UInt8]] = [[], []]
      for end in 0..<2 {
        for option in [0, 1, 3, 24] as [UInt8] where Bool.random(using: &random) {
          lines[end] += ends[end].request(option)
        }
      }
      var words = 0
      while let end = lines.indices.first(where: { !lines[$0].isEmpty }), words < 100 {
        words += 1
        guard let verb = TelnetVerb(rawValue: lines[end][1]) else { break }
        lines[1 - end] += ends[1 - end].received(verb, lines[end][2])
        lines[end].removeFirst(3)
      }
      #expect(words <= 16)
    }
  }

  @Test("a peer that asks for ever is not answered for ever") func stubbornPeer() {
    var options = TelnetOptions(wanted)
    let answers = (0..<10_000).count { _ in !options.received(.will, 1).isEmpty }
    #expect(answers == Limits.telnetAnswers)
  }
}
