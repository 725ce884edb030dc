import Testing

@testable import Base
@testable import Meters

/// Runs an inquiry. The dongle answers SKVER with these bytes, from a certain question on.
private func ask(_ answer: [UInt8], from question: Int = 1, echoes: Bool = true) -> (
  answer: InquiryAnswer?, sent: [[UInt8]], time: Instant
) {
  var inquiry = SKSTACKInquiry()
  var now = Instant(milliseconds: 0)
  var sent: [[UInt8]] = []
  var questions = 0
  inquiry.opened(now: now)
  while !inquiry.isDone {
    for case .send(let bytes) in inquiry.takeActions() {
      sent.append(bytes)
      guard bytes == Array("SKVER\r\n".utf8) else { continue }
      questions += 1
      if echoes { inquiry.received(LineInput(bytes: bytes), now: now) }
      // Byte by byte, as a slow port brings them.
      if questions >= question { for byte in answer { inquiry.received(LineInput(bytes: [byte]), now: now) } }
    }
    guard let next = inquiry.deadline else { break }
    now = next
    inquiry.tick(now: now)
  }
  return (inquiry.answer, sent, now)
}

@Test("a dongle is known by its version")
func dongleVersion() {
  let found = ask(Array("EVER 1.5.2\r\nOK\r\n".utf8))
  #expect(found.answer == .dongle("a Wi-SUN dongle with SKSTACK 1.5.2"))
  #expect(found.sent == [[0x0D, 0x0A], Array("SKVER\r\n".utf8)])
}

@Test("a dongle in the middle of a datagram is filled up first")
func busyDongle() {
  let found = ask(Array("EVER 1.2.10\rOK\r".utf8), from: 4, echoes: false)
  #expect(found.answer == .dongle("a Wi-SUN dongle with SKSTACK 1.2.10"))
  #expect(found.sent.count { $0 != Array("SKVER\r\n".utf8) } == 4)
}

@Test(
  "a silent line, an echo and other words are not a dongle", arguments: ["", "hello\r\n", "EVERYTHING\r\n", "EVER 1"])
func noDongle(text: String) {
  let found = ask(Array(text.utf8))
  #expect(found.answer == nil)
  #expect(found.time <= Instant(milliseconds: 8000))
}

@Test("a module with binary commands is named")
func foreignModule() {
  guard case .unsupported(let reason) = ask([0xD0, 0xF9, 0xEE, 0x5D, 0x60, 0x6B]).answer else {
    Issue.record("not recognised")
    return
  }
  #expect(reason.contains("J11"))
}
