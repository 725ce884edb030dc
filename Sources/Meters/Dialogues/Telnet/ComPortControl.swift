/// Sets the serial port of a gateway (RFC 2217, the client's side).
struct ComPortControl: Sendable {
  /// The commands of the client. The gateway answers with the same number plus 100, and the value that holds now.
  private enum Command: UInt8, CaseIterable {
    case baudRate = 1
    case dataSize, parity, stopSize, control
  }

  /// Values of `control`, as a serial port of this machine is set too: no flow control, and both lines up, from which some
  /// adapters take their power, and P1 meters their request.
  private static let controls: [UInt8] = [1, 8, 11]
  private static let answerOffset: UInt8 = 100

  let line: LineSettings
  private var confirmed: [Command: [UInt8]] = [:]

  init(_ line: LineSettings) { self.line = line }

  /// The sub-negotiations that set the line, ready to send.
  var request: [UInt8] {
    Command.allCases.filter { $0 != .control }.flatMap { Self.bytes($0, value($0)) }
      + Self.controls.flatMap { Self.bytes(.control, [$0]) }
  }

  /// Takes a sub-negotiation of the gateway, without its option.
  mutating func received(_ parameters: ArraySlice<UInt8>) {
    guard let number = parameters.first, number > Self.answerOffset,
      let command = Command(rawValue: number - Self.answerOffset), command != .control
    else { return }
    confirmed[command] = Array(parameters.dropFirst())
  }

  /// Whether the gateway has answered for each setting.
  var isConfirmed: Bool { confirmed.count == Command.allCases.count - 1 }

  /// The settings that the gateway says it has instead; nil if they are the ones that were asked for, or if it has not said.
  var difference: String? {
    let others = Command.allCases.filter { command in confirmed[command].map { $0 != value(command) } ?? false }
    guard !others.isEmpty else { return nil }
    return others.map { Self.text($0, confirmed[$0] ?? []) }.joined(separator: ", ")
  }

  private func value(_ command: Command) -> [UInt8] {
    switch command {
    case .baudRate: (0..<4).map { UInt8(truncatingIfNeeded: line.baud >> (24 - 8 * $0)) }
    case .dataSize: [UInt8(line.dataBits)]
    case .parity:
      switch line.parity {
      case .none: [1]
      case .odd: [2]
      case .even: [3]
      }
    case .stopSize: [UInt8(line.stopBits)]
    case .control: []
    }
  }

  private static func bytes(_ command: Command, _ value: [UInt8]) -> [UInt8] {
    [TelnetCommand.iac, TelnetCommand.begin, TelnetOption.comPort, command.rawValue]
      + value.flatMap { $0 == TelnetCommand.iac ? [$0, $0] : [$0] } + [TelnetCommand.iac, TelnetCommand.end]
  }

  private static func text(_ command: Command, _ value: [UInt8]) -> String {
    let number = value.prefix(4).reduce(0) { $0 << 8 | Int($1) }
    switch command {
    case .baudRate: return "\(number) baud"
    case .dataSize: return "\(number) data bits"
    case .parity: return [1: "no", 2: "odd", 3: "even"][number, default: "another"] + " parity"
    case .stopSize: return number == 3 ? "1.5 stop bits" : "\(number) stop bits"
    case .control: return ""
    }
  }
}
