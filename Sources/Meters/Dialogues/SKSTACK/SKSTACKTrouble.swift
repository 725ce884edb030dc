package import Base
package import Decoders

/// The reason why a try or a session with the meter failed. Codes are stable; descriptions say what to do.
package enum SKSTACKTrouble: Error, Equatable, Sendable {
  case noDongle
  case unsupportedDongle
  case dongleSilent(String)
  case commandRefused(String, Int?)
  case credentialsRefused(String)
  case noBeacon
  case joinRefused
  /// The meter refused several joins in a row although its signal is good.
  case wrongCredentials(FixedDecimal?)
  case joinSilent
  case sessionClosed
  case sessionExpired
  case noAnswer
  case sendingFailed

  package var code: String {
    switch self {
    case .noDongle: "no_dongle"
    case .unsupportedDongle: "unsupported_dongle"
    case .dongleSilent: "dongle_silent"
    case .commandRefused: "command_refused"
    case .credentialsRefused: "credentials_refused"
    case .noBeacon: "no_beacon"
    case .joinRefused, .wrongCredentials: "join_failed"
    case .joinSilent: "join_timeout"
    case .sessionClosed: "session_closed"
    case .sessionExpired: "session_expired"
    case .noAnswer: "no_answer"
    case .sendingFailed: "sending_failed"
    }
  }

  /// Error: needs the user. Notice: recovers by itself.
  package var level: LogLevel {
    switch self {
    case .noDongle, .unsupportedDongle, .credentialsRefused, .wrongCredentials: .error
    case .noBeacon, .joinRefused, .joinSilent, .commandRefused, .dongleSilent: .warning
    case .sessionClosed, .sessionExpired, .noAnswer, .sendingFailed: .notice
    }
  }
}

extension SKSTACKTrouble: CustomStringConvertible {
  package var description: String {
    switch self {
    case .noDongle:
      "the device on this port does not answer SKVER: is it a Wi-SUN dongle with the SKSTACK command set "
        + "(BP35A1, BP35C2, RL7023)?"
    case .unsupportedDongle:
      "this dongle has a J11 module (BP35C0-J11, BP35C2-J11), whose binary commands are not supported; "
        + "use one with the SKSTACK command set (BP35A1, BP35C2, RL7023)"
    case .dongleSilent(let command): "the dongle does not answer \(command)"
    case .commandRefused(let command, let code):
      "the dongle refuses \(command)\(code.map { " (ER\($0 < 10 ? "0" : "")\($0))" } ?? "")"
    case .credentialsRefused(let what): "the dongle refuses the \(what): compare it with the letter of the grid company"
    case .noBeacon:
      "no meter with this route-B id within reach: check the id, and bring the dongle nearer to the meter "
        + "(a USB extension cable helps)"
    case .joinRefused: "the meter refuses the join; trying again"
    case .wrongCredentials(let strength):
      "the meter refuses to let us join, although its signal is good\(strength.map { " (\($0) dBm)" } ?? ""): "
        + "check the route-B id and its password"
    case .joinSilent: "the meter does not answer the join; trying again"
    case .sessionClosed: "the meter closed the session; joining again"
    case .sessionExpired: "the session expired and was not renewed; joining again"
    case .noAnswer: "the meter does not answer any more; joining again"
    case .sendingFailed: "the meter cannot be reached any more; joining again"
    }
  }
}
