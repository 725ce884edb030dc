internal import Decoders

/// Something that could not be used, with its bytes and the reason. One line of `dead-letter.jsonl`.
struct DeadLetter: Equatable, Sendable {
  enum Kind: String, Sendable {
    case undecodable
    case heldBack = "held_back"
    case refused
  }

  enum Stage: String, Sendable { case framing, decipher, decode, guarding = "guard", publish }

  /// What the guard or the broker turned away.
  struct Subject: Equatable, Sendable {
    /// The field's name, for the guard.
    var field: String?
    /// The topic, for the broker.
    var topic: String?
    /// The value that was turned away.
    var value: String?
    /// The value before it.
    var last: String?
  }

  var time: WallTime
  /// The meter's id in the configuration.
  var meter: String
  /// The source as configured; a source holds no secret.
  var source: String
  var kind: Kind
  var stage: Stage
  /// A stable snake_case string.
  var code: String
  /// One sentence for people.
  var message: String
  /// Byte of `bytes` where it was noticed.
  var offset: Int?
  /// `mbus`, `p1`.
  var protocolName: String
  /// The telegram as it came off the line.
  var bytes: [UInt8]
  var subject: Subject?
}
