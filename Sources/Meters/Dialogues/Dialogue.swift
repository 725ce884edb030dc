package import Base
package import Decoders

/// The protocol side of one line: a master that asks (`MBusMaster`), or a `Listener`.
///
/// Events go in with their time, outputs come out; nothing here reads a clock or a port.
package protocol Dialogue: Sendable {
  /// The line is open. What was under way before no longer counts.
  mutating func opened(now: Instant)
  /// Bytes came in.
  mutating func received(_ input: LineInput, now: Instant)
  /// The line is closed, or a file came to its end: incomplete frames are delivered or rejected.
  mutating func closed(now: Instant)
  /// Reads one meter now, or as soon as the line is free; false where meters on this line push.
  mutating func poll(meter: Int, now: Instant) -> Bool
  /// Time has passed; does what is due by now.
  mutating func tick(now: Instant)
  /// When `tick` is due; nil for never.
  var deadline: Instant? { get }
  /// The program ends or the meter is no longer configured: ends an open session in order.
  mutating func leave(now: Instant)
  /// Whether the session has ended, so that the line can be closed.
  var hasLeft: Bool { get }
  /// The outputs since the last call, oldest first.
  mutating func takeOutputs() -> [DialogueOutput]
}

extension Dialogue {
  package mutating func leave(now: Instant) {}
  package var hasLeft: Bool { true }
}

/// What a dialogue wants done, and what it found. Meters are places in the list that the dialogue was made with.
package enum DialogueOutput: Equatable, Sendable {
  case send([UInt8])
  /// One complete readout. P1: one frame; M-Bus: all frames of the answer.
  case readout(meter: Int, frames: [[UInt8]])
  /// Bytes that are not a readout; nil for a meter where their sender is unknown.
  case rejected(meter: Int?, bytes: [UInt8], error: DecodeError)
  /// A readout failed for good, after that many tries.
  case noAnswer(meter: Int, tries: Int)
  /// A long silence puts the line itself in doubt: it should be closed and opened again.
  case reopen(reason: String)
  /// Something other than a reading.
  case news(DialogueNews)
}

/// What a dialogue learns beside readings.
package enum DialogueNews: Equatable, Sendable {
  /// How well a meter is received, in dBm: measured with the readout that follows, or while it was looked for.
  case signalStrength(meter: Int, FixedDecimal)
  /// The signal has become too weak for reliable readings, or good again.
  case signalWeakness(meter: Int, FixedDecimal, isWeak: Bool)
  /// Whether the limit of air time keeps us from asking a meter.
  case rateLimited(meter: Int, Bool)
  /// Where a meter was found, to be kept for the next start; nil where what was kept is wrong.
  case network(meter: Int, SKSTACKNetwork?)
  /// Why a meter cannot be read.
  case trouble(meter: Int, SKSTACKTrouble)
  /// A step of the dialogue, for the log.
  case progress(String)
}

/// A piece of what a line delivered.
package struct LineInput: Equatable, Sendable {
  /// The bytes, good and bad.
  package var bytes: [UInt8]
  /// Indices in `bytes`, ascending, of those that came with bad parity or without a stop bit.
  package var damaged: [Int] = []

  package init(bytes: [UInt8], damaged: [Int] = []) {
    self.bytes = bytes
    self.damaged = damaged
  }
}
