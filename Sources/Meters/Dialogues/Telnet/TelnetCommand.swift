/// The bytes of the Telnet protocol behind IAC (RFC 854).
enum TelnetCommand {
  /// "Interpret as command": begins a command. A data byte FF is sent twice.
  static let iac: UInt8 = 0xFF
  /// Begins and ends a sub-negotiation.
  static let begin: UInt8 = 0xFA
  static let end: UInt8 = 0xF0
  /// Commands without anything behind them: EOF to EOR (RFC 1184, 885), and NOP to GA.
  static let plain: ClosedRange<UInt8> = 0xEC...0xF9
}

/// The four words of a negotiation (RFC 854).
enum TelnetVerb: UInt8, Sendable {
  case will = 0xFB
  case wont = 0xFC
  case `do` = 0xFD
  case dont = 0xFE

  func bytes(_ option: UInt8) -> [UInt8] { [TelnetCommand.iac, rawValue, option] }
}

/// The options that the program knows, by their assigned numbers.
enum TelnetOption {
  /// Eight bits a byte (RFC 856).
  static let binary: UInt8 = 0
  /// No "go ahead" after each answer (RFC 858).
  static let suppressGoAhead: UInt8 = 3
  /// Control of the gateway's serial port (RFC 2217).
  static let comPort: UInt8 = 44

  /// Whether a number is assigned to an option (IANA, Telnet Options).
  static func isAssigned(_ number: UInt8) -> Bool { number <= 49 || (138...140).contains(number) }
}
