import Testing

@testable import Base
@testable import Meters

@Suite struct D0InquiryTests {
  private static let line = LineSettings(baud: 300, dataBits: 7, parity: .even, stopBits: 1)
  private static let request = Array("/?!\r\n".utf8)

  /// What is found where the meter answers the request of this number.
  private func inquiry(_ answer: String, to number: Int) -> (sent: [[UInt8]], answer: InquiryAnswer?) {
    var inquiry = D0Inquiry(line: Self.line, overNetwork: false)
    var now = Instant(milliseconds: 0)
    var sent: [[UInt8]] = []
    var requests = 0
    inquiry.opened(now: now)
    while !inquiry.isDone, let deadline = inquiry.deadline {
      for action in inquiry.takeActions() {
        guard case .send(let bytes) = action else { continue }
        sent.append(bytes)
        requests += bytes == Self.request ? 1 : 0
        if bytes == Self.request, requests == number {
          inquiry.received(LineInput(bytes: Self.request + Array(answer.utf8)), now: now)
        }
      }
      now = deadline
      inquiry.tick(now: now)
    }
    return (sent, inquiry.answer)
  }

  @Test("an identification is answer enough, behind an echo too")
  func answers() {
    let found = inquiry("/XYZ5TEST\r\n", to: 1)
    #expect(found.answer == .optical("a D0 meter that answers requests: XYZ TEST", .none))
    #expect(found.sent == [Self.request])
  }

  @Test("a meter that answers behind NULs is one that has to be woken, those of Landis+Gyr in their own form")
  func woken() {
    let found = inquiry("/XYZCTEST\r\n", to: 2)
    #expect(found.answer == .optical("a D0 meter that answers requests: XYZ TEST", .nulls))
    #expect(found.sent == [Self.request, [UInt8](repeating: 0, count: 66), Self.request])
    #expect(inquiry("/LUGCUH50\r\n", to: 2).answer == .optical("a D0 meter that answers requests: LUG UH50", .uh50))
  }

  @Test("over a network the request carries its parity")
  func parity() {
    var inquiry = D0Inquiry(line: Self.line, overNetwork: true)
    inquiry.opened(now: Instant(milliseconds: 0))
    #expect(inquiry.takeActions() == [.send([0xAF, 0x3F, 0x21, 0x8D, 0x0A])])
  }

  @Test("an echo alone is no answer")
  func echo() { #expect(inquiry("", to: 1).answer == nil) }
}
