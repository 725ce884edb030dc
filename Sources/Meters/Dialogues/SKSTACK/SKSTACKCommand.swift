internal import Base
internal import Decoders

/// A command to the dongle. The secrets enter it only in `text` and `bytes`.
enum SKSTACKCommand: Equatable, Sendable {
  /// Asks for the version of the command set.
  case version
  /// Asks for the addresses. The last field of the answer shows the dialect.
  case information
  /// Asks whether the module writes data in binary or as text.
  case dataForm
  case reset
  case echoOff
  /// Adds the quality of the link to every datagram.
  case linkQuality
  case password
  case identifier
  /// Listens on each of all channels for 9.6 ms × (2^duration + 1).
  case scan(duration: Int, isSided: Bool)
  case channel(UInt8)
  case pan(UInt16)
  /// Asks for the link-local address of a hardware address.
  case linkLocal(UInt64)
  case join(String)
  case send(to: String, isSided: Bool, frame: [UInt8])
  case terminate

  /// The command without its line end. `send` is without its data.
  func text(_ credentials: SKSTACKCredentials) -> String {
    switch self {
    case .version: "SKVER"
    case .information: "SKINFO"
    case .dataForm: "ROPT"
    case .reset: "SKRESET"
    case .echoOff: "SKSREG SFE 0"
    case .linkQuality: "SKSREG SA2 1"
    case .password:
      "SKSETPWD \(String(credentials.password.reveal.utf8.count, radix: 16, uppercase: true)) \(credentials.password.reveal)"
    case .identifier: "SKSETRBID \(credentials.identifier.reveal)"
    case .scan(let duration, let isSided): "SKSCAN 2 FFFFFFFF \(duration)\(isSided ? " 0" : "")"
    case .channel(let channel): "SKSREG S2 \(Self.hexadecimal(channel))"
    case .pan(let pan): "SKSREG S3 \(Self.hexadecimal(pan))"
    case .linkLocal(let address): "SKLL64 \(Self.hexadecimal(address))"
    case .join(let address): "SKJOIN \(address)"
    case .send(let address, let isSided, let frame):
      "SKSENDTO 1 \(address) 0E1A 1 \(isSided ? "0 " : "")\(Self.hexadecimal(UInt16(clamping: frame.count))) "
    case .terminate: "SKTERM"
    }
  }

  /// The bytes for the port. The data of `send` follows at once, without a line end.
  func bytes(_ credentials: SKSTACKCredentials) -> [UInt8] {
    let line = Array(text(credentials).utf8)
    switch self {
    case .send(_, _, let frame): return line + frame
    case .dataForm: return line + [0x0D]
    default: return line + [0x0D, 0x0A]
    }
  }

  /// The first word, for the log.
  var name: String {
    switch self {
    case .version: "SKVER"
    case .information: "SKINFO"
    case .dataForm: "ROPT"
    case .reset: "SKRESET"
    case .echoOff, .linkQuality, .channel, .pan: "SKSREG"
    case .password: "SKSETPWD"
    case .identifier: "SKSETRBID"
    case .scan: "SKSCAN"
    case .linkLocal: "SKLL64"
    case .join: "SKJOIN"
    case .send: "SKSENDTO"
    case .terminate: "SKTERM"
    }
  }

  /// The longest time the answer may take.
  var patience: Milliseconds {
    switch self {
    case .reset, .send: .seconds(5)
    default: .seconds(2)
    }
  }

  /// Whether a module that refuses the command can still be used.
  var isOptional: Bool { [.dataForm, .echoOff, .linkQuality, .reset].contains(self) }

  /// Whether its echo must stay hidden.
  var isSecret: Bool { self == .password || self == .identifier }

  private static func hexadecimal(_ number: some FixedWidthInteger & UnsignedInteger) -> String {
    String(number, width: number.bitWidth / 4, radix: 16, uppercase: true)
  }
}
