import Testing

@testable import Base
@testable import Meters

/// What came of a session, with its data joined.
private struct Conversation {
  var session: TelnetSession
  var data: [UInt8] = []
  var sent: [UInt8] = []
  var warnings: [String] = []
  var isReady = false

  init(line: LineSettings? = nil) {
    session = TelnetSession(line: line, now: .past)
    sent = session.takeOutgoing()
  }

  mutating func receive(_ bytes: [UInt8], by size: Int = 1000) {
    for start in stride(from: 0, to: bytes.count, by: size) {
      take(session.received(Array(bytes[start..<min(start + size, bytes.count)])))
      sent += session.takeOutgoing()
    }
  }

  mutating func take(_ events: [TelnetSession.Event]) {
    for event in events {
      switch event {
      case .data(let bytes): data += bytes
      case .warning(let text): warnings.append(text)
      case .ready: isReady = true
      case .tuned: break
      }
    }
  }
}

private let mbusLine = LineSettings(baud: 2400, dataBits: 8, parity: .even, stopBits: 1)
/// As ser2net greets a Telnet client.
private let greeting: [UInt8] = [0xFF, 0xFB, 0x03, 0xFF, 0xFB, 0x01, 0xFF, 0xFE, 0x01, 0xFF, 0xFD, 0x00]

struct TelnetSessionTests {
  @Test("a gateway that negotiates at once speaks Telnet", arguments: [1, 2, 5, 100]) func recognised(size: Int) {
    var talk = Conversation()
    talk.receive(greeting + [0x7E, 0xFF, 0xFF, 0x01], by: size)
    #expect(talk.data == [0x7E, 0xFF, 0x01])
    // DO SGA, DONT ECHO, WILL BINARY, and the request that it sends binary too.
    let answers: [[UInt8]] = [[0xFF, 0xFD, 0x03], [0xFF, 0xFE, 0x01], [0xFF, 0xFB, 0x00], [0xFF, 0xFD, 0x00]]
    let sent = stride(from: 0, to: talk.sent.count, by: 3).map { Array(talk.sent[$0..<$0 + 3]) }
    #expect(Set(sent) == Set(answers) && sent.count == answers.count)
    #expect(talk.session.encoded([0x68, 0xFF, 0x16]) == [0x68, 0xFF, 0xFF, 0x16])
  }

  @Test(
    "all else is data, every byte of it",
    arguments: [
      [0x7E, 0xFF, 0xFB, 0x03], [0xFF, 0xFF, 0xFF, 0x02], [0xFF, 0xFD, 0x9C, 0x16], [0xFF], [0xFF, 0xFE],
      [0xFF, 0x16, 0xFF],
    ] as [[UInt8]]) func raw(bytes: [UInt8])
  {
    for size in [1, 2, 100] {
      var talk = Conversation()
      talk.receive(bytes, by: size)
      #expect(talk.data + talk.session.finish() == bytes)
      #expect(talk.sent.isEmpty)
      #expect(talk.session.encoded([0xFF]) == [0xFF])
    }
  }

  @Test("later negotiations of a plain line are data") func laterNegotiation() {
    var talk = Conversation()
    talk.receive([0x10] + greeting)
    #expect(talk.data == [0x10] + greeting && talk.sent.isEmpty)
  }

  @Test("a sub-negotiation of any option is skipped") func skipped() {
    var talk = Conversation()
    talk.receive(greeting + [0xFF, 0xFA, 24, 1, 0xFF, 0xF0, 0x41])
    #expect(talk.data == [0x41])
  }

  // MARK: RFC 2217

  /// IAC SB COM-PORT-OPTION … IAC SE.
  private func comPort(_ parameters: UInt8...) -> [UInt8] { [0xFF, 0xFA, 44] + parameters + [0xFF, 0xF0] }

  @Test("sets the line and waits for each confirmation", arguments: [1, 3, 100]) func comPortSetup(size: Int) {
    var talk = Conversation(line: mbusLine)
    #expect(talk.sent.starts(with: [0xFF, 0xFB, 44]))
    talk.sent = []
    talk.receive([0xFF, 0xFD, 44], by: size)
    let wanted = comPort(1, 0, 0, 0x09, 0x60) + comPort(2, 8) + comPort(3, 3) + comPort(4, 1)
    #expect(talk.sent.starts(with: wanted))
    #expect(talk.sent.suffix(14) == (comPort(5, 8) + comPort(5, 11))[...])
    talk.receive(comPort(101, 0, 0, 0x09, 0x60) + comPort(102, 8) + comPort(103, 3), by: size)
    #expect(!talk.isReady && talk.session.deadline != nil)
    talk.receive(comPort(104, 1) + [0x68], by: size)
    #expect(talk.isReady && talk.warnings.isEmpty && talk.data == [0x68])
    #expect(talk.session.deadline == nil)
  }

  @Test("a value with FF in it is doubled on the way") func doubledValue() {
    var talk = Conversation(line: LineSettings(baud: 0xFF, dataBits: 8, parity: .none, stopBits: 2))
    talk.sent = []
    talk.receive([0xFF, 0xFD, 44])
    #expect(talk.sent.starts(with: comPort(1, 0, 0, 0, 0xFF, 0xFF)))
  }

  @Test("other settings than those asked for are told") func otherSpeed() {
    var talk = Conversation(line: mbusLine)
    let speedAndSize = comPort(101, 0, 0, 0x25, 0x80) + comPort(102, 8)
    talk.receive([0xFF, 0xFD, 44] + speedAndSize + comPort(103, 1) + comPort(104, 1))
    #expect(talk.isReady)
    #expect(
      talk.warnings == ["has set its port to 9600 baud, no parity instead of 2400 8E1; set it to 2400 8E1 there"])
  }

  @Test("a gateway that refuses is told, and is read with its own settings") func refused() {
    var talk = Conversation(line: mbusLine)
    talk.receive([0xFF, 0xFE, 44, 0x68])
    #expect(talk.isReady && talk.data == [0x68])
    #expect(talk.warnings == ["does not set its port by RFC 2217; set it to 2400 8E1 there"])
  }

  @Test("a gateway that does not confirm is told when the time is over") func unconfirmed() {
    var talk = Conversation(line: mbusLine)
    talk.receive([0xFF, 0xFD, 44])
    let before = talk.session.tick(now: Instant(milliseconds: 4_999))
    #expect(before.events.isEmpty && before.speaksTelnet)
    let after = talk.session.tick(now: Instant(milliseconds: 5_000))
    talk.take(after.events)
    #expect(talk.isReady && after.speaksTelnet)
    #expect(talk.warnings == ["does not confirm the settings 2400 8E1 of its port; set it to 2400 8E1 there"])
  }

  @Test("a gateway that does not speak Telnet at all is found out") func notTelnet() {
    var talk = Conversation(line: mbusLine)
    talk.receive([0x68, 0x03])
    #expect(talk.data == [0x68, 0x03] && !talk.isReady)
    #expect(!talk.session.tick(now: Instant(milliseconds: 5_000)).speaksTelnet)
  }

  @Test("flipped bits change nothing but what they say", arguments: [0, 1, 2]) func flippedBits(seed: UInt64) {
    let stream = greeting + [0xFF, 0xFD, 44] + comPort(101, 0, 0, 0x09, 0x60) + comPort(102, 8) + [0x41, 0xFF, 0xFF]
    for index in stream.indices {
      for bit in 0..<8 {
        var changed = stream
        changed[index] ^= 1 << UInt8(bit)
        for line in [nil, mbusLine] {
          var (whole, dripped) = (Conversation(line: line), Conversation(line: line))
          whole.receive(changed)
          dripped.receive(changed, by: Int(seed) + 1)
          #expect(whole.data == dripped.data && whole.warnings == dripped.warnings && whole.isReady == dripped.isReady)
          #expect(whole.data.count + whole.session.finish().count <= changed.count)
        }
      }
    }
  }
}
