import Testing

@testable import Simulator

@Suite struct CurrentLoopTests {
  struct Overlay: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var sent: [CurrentLoop.Signal]
    var received: [CurrentLoop.Signal]
  }

  private static func signal(_ bytes: [UInt8], at start: Int) -> CurrentLoop.Signal {
    CurrentLoop.Signal(bytes: bytes, start: start)
  }

  @Test(
    "a 0 of any slave wins",
    arguments: [
      Overlay(
        testDescription: "one alone", sent: [signal([0xE5, 0x16], at: 3)], received: [signal([0xE5, 0x16], at: 3)]),
      Overlay(
        testDescription: "two that agree to the bit", sent: [signal([0xE5], at: 5), signal([0xE5], at: 5)],
        received: [signal([0xE5], at: 5)]),
      Overlay(
        testDescription: "different bytes at the same moment",
        sent: [signal([0b1100_1010], at: 0), signal([0b1010_1100], at: 0)], received: [signal([0b1000_1000], at: 0)]),
      // E5 is 0 10100111 1 1 on the line, parity and stop bit last. Two bits later its zeros fall on the sixth and seventh bit.
      Overlay(
        testDescription: "two acknowledgements two bits apart", sent: [signal([0xE5], at: 0), signal([0xE5], at: 2)],
        received: [signal([0x85], at: 0)]),
      Overlay(
        testDescription: "one after the other", sent: [signal([0xE5], at: 40), signal([0xE5], at: 0)],
        received: [signal([0xE5], at: 0), signal([0xE5], at: 40)]),
    ])
  func overlay(vector: Overlay) {
    #expect(CurrentLoop.overlay(vector.sent) == vector.received)
  }

  @Test("long answers at once are damaged, and end with the longest")
  func longAnswers() {
    let first = [UInt8](repeating: 0x5A, count: 60)
    let second = [UInt8](repeating: 0xA5, count: 90)
    let received = CurrentLoop.overlay([Self.signal(first, at: 0), Self.signal(second, at: 4)])
    let end = received.map { $0.start + $0.bytes.count * CurrentLoop.bitsOfCharacter }.max() ?? 0
    #expect((90 * 11 - 10...90 * 11 + 15).contains(end))
    #expect(Array(received.flatMap(\.bytes).prefix(60)) != first)
  }
}
