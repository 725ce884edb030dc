import Decoders

@testable import Base
@testable import Meters

/// Sends a greeting, orders other line settings at once, and sends another one when it has them. It tells, as readouts: the
/// bytes that came in, and 1 or 0 for settings that it got or not.
struct Tuner: Dialogue {
  let greeting: [UInt8]
  let line: LineSettings
  var outputs: [DialogueOutput] = []

  init(_ greeting: [UInt8], then line: LineSettings) {
    self.greeting = greeting
    self.line = line
  }

  mutating func opened(now: Instant) { outputs += [.send(greeting), .tune(line)] }
  mutating func tuned(_ isDone: Bool, now: Instant) {
    outputs += [.readout(meter: 0, frames: [[isDone ? 1 : 0]]), .send([0x16])]
  }
  mutating func received(_ input: LineInput, now: Instant) {
    outputs.append(.readout(meter: 0, frames: [input.bytes]))
  }
  mutating func closed(now: Instant) {}
  mutating func poll(meter: Int, now: Instant) -> Bool { false }
  mutating func tick(now: Instant) {}
  var deadline: Instant? { nil }
  mutating func takeOutputs() -> [DialogueOutput] {
    defer { outputs = [] }
    return outputs
  }
}
