/// Why a connection ended.
package enum DisconnectCause: Equatable, Sendable {
  /// We sent DISCONNECT.
  case requested
  /// The broker sent DISCONNECT with this reason code (MQTT 5, section 3.14.2.1), perhaps with a reason string.
  case reason(UInt8, words: String? = nil)
  /// The broker closed the connection, or the network did.
  case lost
  /// The broker sent nothing for too long.
  case silent
  /// The broker never acknowledged a message, though perhaps others.
  case unanswered
  /// The broker closed the connection over a message for this topic, as the sender of the messages found out.
  case message(topic: String)
  /// The library ended the connection, over what the broker sent or for lack of memory; and every end before CONNACK.
  case failed(ConnectFailure)
}
