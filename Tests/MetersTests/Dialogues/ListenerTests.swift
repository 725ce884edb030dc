import Decoders
import Testing
import TestSupport

@testable import Base
@testable import Meters

private func at(_ milliseconds: Int64) -> Instant { Instant(milliseconds: milliseconds) }

@Suite struct ListenerTests {
  private let telegram = shortTelegram(3)

  private func listener(gap: Milliseconds = 500, interval: Milliseconds? = nil) -> Listener {
    Listener(framer: MBusFramer(), gap: gap, interval: interval)
  }

  @Test("a pause inside a telegram does not end it") func pauseInTelegram() {
    var listener = listener()
    listener.opened(now: at(0))
    listener.received(LineInput(bytes: Array(telegram.prefix(4))), now: at(100))
    listener.tick(now: at(450))
    listener.received(LineInput(bytes: Array(telegram.dropFirst(4))), now: at(550))
    #expect(listener.takeOutputs() == [.readout(meter: 0, frames: [telegram])])
  }

  @Test("silence ends an incomplete telegram") func silenceEndsTelegram() {
    var listener = listener()
    listener.opened(now: at(0))
    let half = Array(telegram.prefix(4))
    listener.received(LineInput(bytes: half), now: at(100))
    #expect(listener.deadline == at(600))
    listener.tick(now: at(600))
    #expect(
      listener.takeOutputs() == [
        .rejected(meter: 0, bytes: half, error: DecodeError(.truncated, at: 4, expected: 6, found: 0))
      ])
    #expect(listener.deadline == at(30_000))
  }

  @Test("a meter that pushes cannot be polled") func cannotBePolled() {
    var listener = listener()
    listener.opened(now: at(0))
    let canBeAsked = listener.poll(meter: 0, now: at(10))
    #expect(!canBeAsked)
    #expect(listener.takeOutputs() == [])
  }

  struct Patience: Sendable, CustomTestStringConvertible {
    /// Nil: not configured.
    let interval: Milliseconds?
    /// Between the telegrams that came.
    let pace: Milliseconds
    let patience: Milliseconds
    var testDescription: String { "\(interval?.count ?? 0) configured, \(pace.count) seen" }
  }

  @Test(
    "after three intervals of silence the line is opened again",
    arguments: [
      Patience(interval: nil, pace: .seconds(1), patience: .seconds(30)),
      Patience(interval: nil, pace: .seconds(10), patience: .seconds(30)),
      Patience(interval: nil, pace: .minutes(5), patience: .minutes(15)),
      Patience(interval: .seconds(60), pace: .seconds(1), patience: .minutes(3)),
      Patience(interval: .seconds(2), pace: .seconds(2), patience: .seconds(30)),
    ]) func silenceReopensLine(patience: Patience)
  {
    var listener = listener(interval: patience.interval)
    listener.opened(now: at(0))
    var now = at(0)
    for _ in 0..<3 {
      now = now + patience.pace
      listener.received(LineInput(bytes: telegram), now: now)
      listener.tick(now: now + 500)
    }
    _ = listener.takeOutputs()
    let last = now
    listener.tick(now: last + Milliseconds(patience.patience.count - 1))
    #expect(listener.takeOutputs() == [])
    #expect(listener.deadline == last + patience.patience)
    listener.tick(now: last + patience.patience)
    #expect(
      listener.takeOutputs() == [.reopen(reason: "no telegram for \(patience.patience.count / 1000) s")])
  }

  @Test("noise does not count as a telegram") func noiseIsNotLife() {
    var listener = listener()
    listener.opened(now: at(0))
    for second in 1...30 as ClosedRange<Int64> {
      listener.received(LineInput(bytes: [1, 2, 3]), now: at(second * 1000 - 600))
      listener.tick(now: at(second * 1000))
    }
    let outputs = listener.takeOutputs()
    #expect(outputs.contains(.reopen(reason: "no telegram for 30 s")))
  }

  @Test("frames go to the meter that they are from") func attribution() {
    let (one, other, stranger) = (shortTelegram(1), shortTelegram(2), shortTelegram(9))
    var listener = Listener(framer: MBusFramer(), gap: 500) { frame in frame[5] <= 2 ? Int(frame[5]) - 1 : nil }
    listener.opened(now: at(0))
    listener.received(LineInput(bytes: other + stranger + one), now: at(100))
    #expect(
      listener.takeOutputs() == [
        .readout(meter: 1, frames: [other]),
        .rejected(meter: nil, bytes: stranger, error: DecodeError(.noise, at: 0, found: 10)),
        .readout(meter: 0, frames: [one]),
      ])
  }

  // MARK: Damage

  @Test("a damaged byte rejects its telegram and no other", arguments: 0..<10) func damagedByte(place: Int) {
    let bytes = shortTelegram(1) + shortTelegram(2) + shortTelegram(3)
    var reader = LineReader(MBusFramer())
    let out = reader.append(LineInput(bytes: bytes, damaged: [10 + place])) + reader.finish()
    var good: [[UInt8]] = []
    var bad: [UInt8] = []
    for piece in out {
      switch piece {
      case .frame(let bytes): good.append(bytes)
      case .rejected(let bytes, let error):
        bad += bytes
        #expect(error == DecodeError(.parityError, at: place, found: 1))
      }
    }
    #expect(good == [shortTelegram(1), shortTelegram(3)])
    #expect(bad == shortTelegram(2))
  }

  @Test("endless damage is rejected in pieces") func endlessDamage() {
    var reader = LineReader(MBusFramer())
    var count = 0
    for _ in 0..<100 {
      for piece in reader.append(LineInput(bytes: [UInt8](repeating: 0x33, count: 500), damaged: Array(0..<500))) {
        guard case .rejected(let bytes, _) = piece else { continue }
        #expect(bytes.count <= Limits.frameBytes)
        count += bytes.count
      }
    }
    #expect(count > 45_000)
  }
}
