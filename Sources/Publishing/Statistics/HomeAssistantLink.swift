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

  /// For the log.
  package var words: String {
    switch self {
    case .unauthorized: "the token is not valid; make a new one in the profile of an administrator"
    case .refused(_, "unauthorized", _): "the token is not that of an administrator; only those may write statistics"
    case .refused(let command, let code, let message): "it refuses \(command) (\(code): \(message))"
    case .unreachable(let reason): reason
    case .unreadable(let command): "its answer to \(command) has a form that is not known"
    case .unsaved(let reason): "nothing is corrected, for the correction cannot be noted first: \(reason)"
    }
  }
}
