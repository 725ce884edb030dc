import Decoders
import Testing
import TestSupport

@testable import Base
@testable import Meters

private func at(_ milliseconds: Int64) -> Instant { Instant(milliseconds: milliseconds) }

/// Frames of HDLC with these pieces of one telegram; all but the last say that more follow.
private func hdlc(_ pieces: [[UInt8]]) -> [[UInt8]] {
  pieces.enumerated().map { index, piece in
    let length = UInt8(piece.count + 10)
    let head: [UInt8] = [index < pieces.count - 1 ? 0xA8 : 0xA0, length, 0xCF, 0x02, 0x23, 0x13]
    let body = head + crc(head) + piece
    return [0x7E] + body + crc(body) + [0x7E]
  }
}

private func crc(_ bytes: [UInt8]) -> [UInt8] {
  let crc = CRC16.x25(bytes.span)
  return [UInt8(crc & 255), UInt8(crc >> 8)]
}

/// The two halves of a telegram.
private let segments = hdlc([[0xE6, 0xE7, 0x00, 0x0F, 0, 0, 0, 1, 0, 2, 2], [0x06, 0, 0, 0, 1, 0x06, 0, 0, 0, 2]])
private let whole = segments[0] + segments[1]
private let p1 = p1Telegram("1-0:1.8.1(001599.701*kWh)")

private func line(_ framer: any Framer, overNetwork: Bool, interval: Milliseconds? = nil) -> Listener {
  var listener = Listener(
    framer: framer, gap: Listener.gap(overNetwork: overNetwork), pause: Listener.pause(overNetwork: overNetwork),
    interval: interval)
  listener.opened(now: at(0))
  return listener
}

extension Listener {
  /// Lets the time pass, as the loop does: each deadline is met in turn.
  fileprivate mutating func pass(until now: Instant) {
    while let deadline, deadline <= now { tick(now: deadline) }
    tick(now: now)
  }

  fileprivate mutating func receive(_ bytes: [UInt8], now: Instant) {
    pass(until: now)
    received(LineInput(bytes: bytes), now: now)
  }
}

@Suite struct ListenerWaitingTests {
  @Test("segments with 3 s between them are one telegram", arguments: [false, true])
  func segmentPause(overNetwork: Bool) {
    var listener = line(DLMSFramer(), overNetwork: overNetwork)
    for push in 0..<3 as Range<Int64> {
      listener.receive(segments[0], now: at(push * 10_000))
      listener.receive(segments[1], now: at(push * 10_000 + 3000))
    }
    #expect(listener.takeOutputs() == Array(repeating: .readout(meter: 0, frames: [whole]), count: 3))
  }

  @Test("a P1 telegram with a checksum survives 3.5 s of silence", arguments: [false, true])
  func p1Pause(overNetwork: Bool) {
    var listener = line(P1Framer(), overNetwork: overNetwork)
    for push in 0..<3 as Range<Int64> {
      listener.receive(Array(p1[..<40]), now: at(push * 5500))
      listener.receive(Array(p1[40...]), now: at(push * 5500 + 3500))
    }
    #expect(listener.takeOutputs() == Array(repeating: .readout(meter: 0, frames: [p1]), count: 3))
  }

  @Test("half a frame over a network waits for 5 s") func halfFrame() {
    var listener = line(DLMSFramer(), overNetwork: true)
    listener.receive(Array(segments[0][..<20]), now: at(0))
    listener.receive(Array(segments[0][20...]) + segments[1], now: at(4999))
    #expect(listener.takeOutputs() == [.readout(meter: 0, frames: [whole])])
    listener.receive(Array(segments[0][..<20]), now: at(10_000))
    listener.pass(until: at(14_999))
    #expect(listener.takeOutputs() == [])
    listener.pass(until: at(15_000))
    guard case .rejected(0, Array(segments[0][..<20]), let error)? = listener.takeOutputs().first else {
      Issue.record("not rejected")
      return
    }
    #expect(error.code == .truncated)
  }

  @Test("half a telegram without a checksum over a network waits for 5 s") func halfUnchecked() {
    let bare = Array("/ISK5\\2ME382-1003\r\n\r\n1-0:1.8.1(00123.456*kWh)\r\n!\r\n".utf8)
    var listener = line(P1Framer(), overNetwork: true)
    listener.receive(Array(bare[..<30]), now: at(0))
    listener.receive(Array(bare[30...]), now: at(3000))
    #expect(listener.takeOutputs() == [.readout(meter: 0, frames: [bare])])
    listener.receive(Array(bare[..<30]), now: at(10_000))
    listener.receive(Array(bare[30...]), now: at(15_001))
    let outputs = listener.takeOutputs()
    #expect(!outputs.isEmpty && outputs.allSatisfy { if case .rejected = $0 { true } else { false } })
  }

  struct Wait: Sendable, CustomTestStringConvertible {
    /// Nil: not configured.
    let interval: Milliseconds?
    /// Between the telegrams that came before.
    let pace: Milliseconds
    let wait: Milliseconds
    var testDescription: String { "\(interval?.count ?? 0) configured, \(pace.count) seen" }
  }

  @Test(
    "a telegram waits for its rest for half an interval, at least 10 s",
    arguments: [
      Wait(interval: nil, pace: .seconds(1), wait: .seconds(10)),
      Wait(interval: nil, pace: .seconds(10), wait: .seconds(10)),
      Wait(interval: nil, pace: .minutes(1), wait: .seconds(30)),
      Wait(interval: .minutes(5), pace: .seconds(5), wait: .seconds(150)),
    ])
  func wait(wait: Wait) {
    for (framer, telegram, half) in [
      (DLMSFramer() as any Framer, whole, segments[0]), (P1Framer(), p1, Array(p1[..<40])),
    ] {
      var listener = line(framer, overNetwork: false, interval: wait.interval)
      var now = at(0)
      for _ in 0..<4 {
        now = now + wait.pace
        listener.receive(telegram, now: now)
      }
      now = now + wait.pace
      listener.receive(half, now: now)
      _ = listener.takeOutputs()
      listener.pass(until: now + Milliseconds(wait.wait.count - 1))
      #expect(listener.takeOutputs() == [])
      #expect(listener.deadline == now + wait.wait)
      listener.pass(until: now + wait.wait)
      guard case .rejected(0, half, _)? = listener.takeOutputs().first else {
        Issue.record("not rejected")
        return
      }
    }
  }

  @Test("a telegram that waits ends with the line") func closed() {
    var listener = line(P1Framer(), overNetwork: true)
    listener.receive(Array(p1[..<40]), now: at(0))
    listener.closed(now: at(100))
    #expect(
      listener.takeOutputs() == [
        .rejected(meter: 0, bytes: Array(p1[..<40]), error: DecodeError(.truncated, at: 40))
      ])
    #expect(listener.deadline == nil)
  }

  @Test("the next telegram does not wait behind one that waits") func nextStart() {
    var listener = line(DLMSFramer(), overNetwork: true)
    listener.receive(segments[0], now: at(0))
    listener.receive(whole, now: at(6000))
    let outputs = listener.takeOutputs()
    #expect(outputs.count == 2 && outputs.last == .readout(meter: 0, frames: [whole]))
  }

  @Test("a frame without a check value is found between pushes that leave less than 5 s") func resync() {
    let body: [UInt8] = [0x0F, 0, 0, 0, 1, 0, 2, 1, 0x06, 0, 0, 0, 1]
    let frame = [0, 1, 0, 1, 0, 0x67, 0, UInt8(body.count)] + body
    var listener = line(DLMSFramer(), overNetwork: true)
    listener.receive(Array(frame.suffix(9)), now: at(0))
    listener.receive(frame, now: at(3700))
    #expect(listener.takeOutputs().last == .readout(meter: 0, frames: [frame]))
  }
}
