package import Base
package import Decoders

/// The protocol side of one line: a master that asks (`MBusMaster`), or a `Listener`.
///
/// Events go in with their time, and outputs come out. A dialogue does not read a clock or a port.
package protocol Dialogue: Sendable {
  /// The line is open. Everything begins again.
  mutating func opened(now: Instant)
  /// Bytes came in.
  mutating func received(_ input: LineInput, now: Instant)
  /// A client is gone, on a source that many connect to. Its incomplete frames are delivered or rejected.
  mutating func left(client: Int, now: Instant)
  /// The line has the settings that `.tune` ordered; if not, it keeps those from before.
  mutating func tuned(_ isDone: Bool, now: Instant)
  /// The line is closed or a file has ended. Incomplete frames are delivered or rejected.
  mutating func closed(now: Instant)
  /// Reads one meter now, or as soon as the line is free, if not too many readouts were asked for; false if the meters on
  /// this line push.
  mutating func poll(meter: Int, now: Instant) -> Bool
  /// Does everything that is due by now.
  mutating func tick(now: Instant)
  /// When `tick` is due; nil for never.
  var deadline: Instant? { get }
  /// Ends an open session in order, because the program ends or the meter is no longer configured.
  mutating func leave(now: Instant)
  /// Whether the session has ended, so that the line can be closed.
  var hasLeft: Bool { get }
  /// What has happened on an M-Bus; nil for another line.
  var bus: MBusStatistics? { get }
  /// Whether nobody waits for what comes next, so that it may lie unread for a moment.
  var canWait: Bool { get }
  /// The outputs since the last call, oldest first.
  mutating func takeOutputs() -> [DialogueOutput]
}

extension Dialogue {
  package mutating func left(client: Int, now: Instant) {}
  package mutating func tuned(_ isDone: Bool, now: Instant) {}
  package mutating func leave(now: Instant) {}
  package var hasLeft: Bool { true }
  package var bus: MBusStatistics? { nil }
  package var canWait: Bool { false }
}

/// The orders and findings of a dialogue. A meter is a place in the list that the dialogue was made with.
package enum DialogueOutput: Equatable, Sendable {
  case send([UInt8])
  /// The open line gets these settings as soon as everything that was sent has left it. Then `tuned` is called, and nothing
  /// is to be sent before. A line that is opened again has its first settings.
  case tune(LineSettings)
  /// One complete readout. P1: one frame; M-Bus: all frames of the answer.
  case readout(meter: Int, frames: [[UInt8]])
  /// Bytes that are not a readout; the meter is nil if their sender is unknown.
  case rejected(meter: Int?, bytes: [UInt8], error: DecodeError)
  /// A readout failed after this many tries.
  case noAnswer(meter: Int, tries: Int, MBusFailure)
  /// The line may be dead after a long silence, so the program should close it and open it again.
  case reopen(reason: String)
  case news(DialogueNews)
}

/// News of a dialogue beside readings.
package enum DialogueNews: Equatable, Sendable {
  /// The signal strength of a meter in dBm, measured in a scan or with the next readout.
  case signalStrength(meter: Int, FixedDecimal)
  /// A copy of a telegram of a meter, which is dropped.
  case copy(meter: Int)
  /// The signal has become too weak for reliable readings, or good again.
  case signalWeakness(meter: Int, FixedDecimal, isWeak: Bool)
  /// Whether the limit of air time stops requests to a meter.
  case rateLimited(meter: Int, Bool)
  /// The network of a meter, to be saved for the next start; nil if the saved one is wrong.
  case network(meter: Int, SKSTACKNetwork?)
  /// Why a meter cannot be read.
  case trouble(meter: Int, SKSTACKTrouble)
  /// Which meters of a bus answer: after the first round, and when that has changed.
  case round(MBusRound.Summary)
  /// The line of an M-Bus is dead, or works again.
  case line(MBusCondition)
  /// A meter is read at another interval from now on.
  case interval(meter: Int, Milliseconds)
  /// A meter does not answer at the speed of its readouts, and is read at that of its bus.
  case keepsSpeed(meter: Int)
  /// A readout that was asked for is left out, because too many were.
  case readoutRefused(meter: Int)
  /// A meter offers another speed, and the source keeps its own, in bits a second. A meter that changes to it all the same
  /// cannot be read.
  case speedFixed(meter: Int, line: LineSettings, offered: Int, isReadable: Bool)
  /// A meter with a battery is read at this interval, which is short for it.
  case batteryInterval(meter: Int, Milliseconds)
  /// The receiver of a source, as it was found and set up.
  case receiver(String)
  /// A receiver does not hear as it should.
  case receiverTrouble(ReceiverTrouble)
  /// A step of the dialogue, for the log.
  case progress(String)
}

/// Bytes that a line delivered at one time.
package struct LineInput: Equatable, Sendable {
  /// All bytes, sound and damaged.
  package var bytes: [UInt8]
  /// Ascending indices in `bytes` of those with bad parity or without a stop bit.
  package var damaged: [Int] = []
  /// Who sent them, on a source that many clients connect to: each has a line of its own. Else 0.
  package var client = 0
  /// Whether they are a datagram.
  package var isDatagram = false

  package init(bytes: [UInt8], damaged: [Int] = [], client: Int = 0, isDatagram: Bool = false) {
    self.bytes = bytes
    self.damaged = damaged
    self.client = client
    self.isDatagram = isDatagram
  }
}
