package import Base

/// A telegram or value that the program could not use, with the reason. It is one line of `dead-letter.jsonl`.
package struct DeadLetter: Equatable, Sendable {
  package enum Kind: String, Sendable {
    case undecodable
    case heldBack = "held_back"
    case refused
  }

  package enum Stage: String, Sendable { case framing, decipher, decode, guarding = "guard", publish }

  /// The value that the guard or the broker refused.
  package struct Subject: Hashable, Sendable {
    /// The field, if the guard refused it.
    package var field: String?
    /// The topic, if the broker refused it.
    package var topic: String?
    package var value: String?
    /// The value before the refused one.
    package var last: String?

    package init(field: String? = nil, topic: String? = nil, value: String? = nil, last: String? = nil) {
      self.field = field
      self.topic = topic
      self.value = value
      self.last = last
    }
  }

  package var time: WallTime
  /// The meter's id in the configuration.
  package var meter: String
  /// The source as configured, without secrets.
  package var source: String
  package var kind: Kind
  package var stage: Stage
  /// A stable snake_case string.
  package var code: String
  /// One sentence for people.
  package var message: String
  /// The place of the fault in `bytes`.
  package var offset: Int?
  /// `mbus`, `p1`.
  package var protocolName: String
  /// The telegram as received.
  package var bytes: [UInt8]
  package var subject: Subject?

  package init(
    time: WallTime, meter: String, source: String, kind: Kind, stage: Stage, code: String, message: String,
    offset: Int? = nil, protocolName: String, bytes: [UInt8], subject: Subject? = nil
  ) {
    self.time = time
    self.meter = meter
    self.source = source
    self.kind = kind
    self.stage = stage
    self.code = code
    self.message = message
    self.offset = offset
    self.protocolName = protocolName
    self.bytes = bytes
    self.subject = subject
  }
}
