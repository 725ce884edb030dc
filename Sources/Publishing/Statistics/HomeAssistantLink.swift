package import Base

/// A connection to Home Assistant's WebSocket API, signed in.
package protocol HomeAssistantLink {
  /// Its version, which decides about the form of some messages.
  var version: HomeAssistantSettings.Version { get }

  /// Sends a command and waits for its result.
  ///
  /// - Parameters:
  ///   - type: of the command, such as `recorder/import_statistics`.
  ///   - members: writes its other members.
  /// - Returns: the JSON of `result`.
  /// - Throws: a refusal, or that the connection is lost.
  mutating func ask(_ type: String, _ members: (inout JSONText) -> Void) throws(HomeAssistantTrouble) -> [UInt8]

  /// Waits, and keeps the connection.
  mutating func pause(_ time: Milliseconds) throws(HomeAssistantTrouble)
}

/// Why Home Assistant cannot be asked.
package enum HomeAssistantTrouble: Error, Equatable, Sendable {
  /// The token is not valid. Another try cannot help.
  case unauthorized
  /// A command was refused; code and message are Home Assistant's.
  case refused(command: String, code: String, message: String)
  /// It cannot be reached, or the connection is lost.
  case unreachable(String)
  /// An answer has a form that is not known.
  case unreadable(command: String)
  /// The intent of a correction could not be saved.
  case unsaved(String)
}
