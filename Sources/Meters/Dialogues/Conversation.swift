package import Base

/// A conversation on a line that finds out or sets one thing, and then ends. It is driven like a `Dialogue`.
///
/// Events go in with their time, and actions come out. A conversation does not read a clock or a port.
package protocol Conversation: Sendable {
  /// The line is open.
  mutating func opened(now: Instant)
  /// The line has the settings that `.tune` ordered; if not, it keeps those from before.
  mutating func tuned(_ isDone: Bool, now: Instant)
  /// Bytes came in.
  mutating func received(_ input: LineInput, now: Instant)
  /// Does everything that is due by now.
  mutating func tick(now: Instant)
  /// When `tick` is due; nil for never.
  var deadline: Instant? { get }
  /// Whether it has ended.
  var isDone: Bool { get }
  /// The actions since the last call, oldest first.
  mutating func takeActions() -> [ConversationAction]
}

extension Conversation {
  package mutating func tuned(_ isDone: Bool, now: Instant) {}
}

/// The orders of a conversation.
package enum ConversationAction: Equatable, Sendable {
  case send([UInt8])
  /// As the same of `DialogueOutput`.
  case tune(LineSettings)
  /// A step, for the user.
  case progress(String)
}

/// A conversation that finds out whether a meter or a dongle answers on a line.
package protocol Inquiry: Conversation {
  /// Nil until it is done, and if nothing came.
  var answer: InquiryAnswer? { get }
}

/// What answered on a line.
package enum InquiryAnswer: Equatable, Sendable {
  /// One meter, with a frame of its answer. The address is that which it was asked at.
  case meter(frame: [UInt8], address: MBusAddress)
  /// Several meters at once: nothing of their answers can be used.
  case several
  /// A dongle through which a meter can be read: its name.
  case dongle(String)
  /// A receiver of many meters: what it is, and the telegrams that it heard.
  case receiver(String, frames: [[UInt8]])
  /// A meter at an optical head: its name, and what wakes it.
  case optical(String, D0Polling.Wake)
  /// A device that cannot be used: why.
  case unsupported(String)
}
