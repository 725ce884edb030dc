import Decoders
import Testing

@testable import Base
@testable import Meters

private let fast = LineSettings(baud: 115_200, dataBits: 8, parity: .none, stopBits: 1)
private let seven = LineSettings(baud: 9600, dataBits: 7, parity: .even, stopBits: 1)
private let slow = LineSettings(baud: 2400, dataBits: 8, parity: .even, stopBits: 1)
private let telegram = p1Telegram("0-0:96.1.1(45303031)", "1-0:1.7.0(00.472*kW)")

/// A walk in virtual time: what the line sends depends on the settings of the port.
private struct Walker {
  var walk: LineWalk
  var now = Instant(milliseconds: 0)
  var steps: [LineWalk.Step] = []

  init(_ lines: [LineSettings] = [fast, seven, slow], time: Milliseconds = .seconds(12)) {
    walk = LineWalk(lines, candidates: ProtocolDescription.all, time: time, now: now)
  }

  /// Lets the meter send every so often, until the walk is over or a minute has passed.
  mutating func run(every interval: Milliseconds, _ send: (LineSettings) -> LineInput?) {
    var next = now + interval
    while now < Instant(milliseconds: 60_000), let deadline = walk.deadline {
      now = min(deadline, next)
      if now == next {
        if let input = send(walk.line) { walk.received(input, now: now) }
        next = now + interval
      }
      if let step = walk.tick(now: now) { steps.append(step) }
    }
  }
}

extension LineWalk.Step {
  fileprivate var found: TelegramTrial.Finding? { if case .found(let finding) = self { finding } else { nil } }
}

@Test("each of the settings gets its time while bytes come, and the one with a telegram ends the walk")
func walkToTheRightSettings() {
  var walker = Walker()
  walker.run(every: .seconds(5)) { $0 == slow ? LineInput(bytes: telegram) : LineInput(bytes: [0x80, 0x00, 0xF8]) }
  #expect(walker.steps.dropLast() == [.use(seven), .use(slow)])
  #expect(walker.steps.last?.found?.meterProtocol == .p1)
  #expect(walker.walk.line == slow)
  #expect(walker.walk.heard.map(\.line) == [fast, seven, slow])
  // Two times of twelve seconds, the next telegram at 25 s, and the pause behind it.
  #expect(walker.now == Instant(milliseconds: 25_500))
  #expect(walker.walk.deadline == nil)
}

@Test("a telegram is found in the pause behind it, without waiting for the time to end")
func telegramAtOnce() {
  var walker = Walker()
  walker.run(every: .seconds(1)) { _ in LineInput(bytes: telegram) }
  #expect(walker.steps.count == 1 && walker.steps[0].found?.version == "5.0")
  #expect(walker.now == Instant(milliseconds: 1500))
}

@Test("a stream without a pause is looked at too")
func streamWithoutPause() {
  var walker = Walker([fast])
  var rest = (telegram + telegram)[...]
  walker.run(every: 50) { _ in
    defer { rest = rest.dropFirst(8) }
    return LineInput(bytes: Array(rest.prefix(8)))
  }
  #expect(walker.steps.first?.found != nil)
}

@Test("a silent line is silent with any settings, so only the first are tried")
func silentLine() {
  var walker = Walker()
  walker.run(every: .seconds(1)) { _ in nil }
  #expect(walker.steps == [.ended])
  #expect(walker.now == Instant(milliseconds: 12_000))
  #expect(walker.walk.heard == [HeardLine(fast)])
}

@Test("damaged bytes are heard, so the walk goes on, and it ends after the last settings")
func damagedWalk() {
  var walker = Walker()
  walker.run(every: .seconds(4)) { _ in LineInput(bytes: [0x00, 0x41], damaged: [0]) }
  #expect(walker.steps == [.use(seven), .use(slow), .ended])
  #expect(walker.walk.heard.allSatisfy { $0.damaged > 0 && $0.count == 2 * $0.damaged })
}

@Test("the end of the source ends the walk at once")
func endedSource() {
  var walk = LineWalk([fast], candidates: [.p1], time: .seconds(12), now: Instant(milliseconds: 0))
  walk.received(LineInput(bytes: telegram), now: Instant(milliseconds: 10))
  walk.ended(now: Instant(milliseconds: 11))
  #expect(walk.tick(now: Instant(milliseconds: 11))?.found?.meterProtocol == .p1)
  #expect(walk.tick(now: Instant(milliseconds: 99_000)) == nil)
}
