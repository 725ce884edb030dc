/// How a connection ended.
public enum DisconnectCause: Equatable, Sendable {
  /// We said DISCONNECT.
  case requested
  /// The broker said DISCONNECT, with this reason (MQTT 5, section 3.14.2.1).
  case reason(UInt8)
  /// The other end went away.
  case lost
  /// Nothing came for too long.
  case silent
  /// A message was never acknowledged, while others may have been.
  case unanswered
  /// The other end went away over a message for this topic, as whoever sends the messages has found out.
  case message(topic: String)
  /// Anything else, and every end before CONNACK.
  case failed(ConnectFailure)
}
