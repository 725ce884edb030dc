internal import Base
internal import Decoders

/// Amber AMB8465 and AMB8665, and AMB3665 for 169 MHz: reads the configuration, and sets the mode until the power goes.
struct AMB8465: WirelessStick {
  private enum Stage { case configuration, setting, done }

  /// An answer has bit 7 set.
  private enum Command { static let (data, setMode, get): (UInt8, UInt8, UInt8) = (0x03, 0x04, 0x0A) }

  static let baud = 9600

  private let wanted: WirelessReception.Mode?
  private var stage = Stage.configuration
  private var isLongWave = false
  /// Whether a byte for the strength stands behind each telegram; nil until the configuration is known.
  private var hasStrength: Bool?
  /// Telegrams from before.
  private var early: [[UInt8]] = []
  private var framer = ReceiverFramer(.amber)

  init(_ mode: WirelessReception.Mode?) { wanted = mode }

  var name: String { isLongWave ? "AMB3665" : "AMB8465" }
  var hears: String { mode.title }

  var step: WirelessStickStep {
    switch stage {
    case .configuration: .ask(Self.command(Command.get, [0x00, 0x80]))
    case .setting: .ask(Self.command(Command.setMode, [code]))
    case .done: .done
    }
  }

  mutating func begin() { stage = .configuration }
  mutating func told() {}

  mutating func append(_ bytes: [UInt8]) -> [WirelessStickPiece] { framer.pieces(of: bytes).flatMap { take($0) } }

  mutating func finish() -> [WirelessStickPiece] { framer.finished().flatMap { take($0) } }

  mutating func close() -> [WirelessStickPiece] {
    let last = finish()
    defer { early = [] }
    return early.map(Self.useless) + last
  }

  /// Whether its last byte is of the telegram is not known.
  private static func useless(_ bytes: [UInt8]) -> WirelessStickPiece {
    .rejected(bytes, DecodeError(.noise, at: 0, found: bytes.count))
  }

  private static func command(_ command: UInt8, _ content: [UInt8]) -> [UInt8] {
    let bytes = [0xFF, command, UInt8(content.count)] + content
    return bytes + [bytes.reduce(0, ^)]
  }

  private mutating func take(_ framed: Framed) -> [WirelessStickPiece] {
    guard case .frame(let bytes) = framed else {
      if case .rejected(let bytes, let error) = framed { return [.rejected(bytes, error)] }
      return []
    }
    if bytes[0] != 0xFF { return telegram(bytes) }
    let content = Array(bytes[3..<bytes.count - 1])
    switch bytes[1] {
    case Command.data: return telegram([bytes[2]] + content)
    case Command.get | 0x80 where stage == .configuration: return configured(content)
    case Command.setMode | 0x80 where stage == .setting:
      stage = .done
      if content == [0] { return [.answered] }
      return [.refused(.modeRefused(receiver: name, mode: hears))]
    default: return []
    }
  }

  /// A length that counts the byte for the strength, and what it counts.
  private mutating func telegram(_ bytes: [UInt8]) -> [WirelessStickPiece] {
    guard let hasStrength else {
      early.append(bytes)
      return early.count > Limits.earlyTelegrams ? [Self.useless(early.removeFirst())] : []
    }
    guard hasStrength, bytes.count > 1 else { return [.frame(bytes, signalStrength: nil)] }
    let strength = Int(Int8(bitPattern: bytes[bytes.count - 1])) / 2 - 74
    return [.frame([bytes[0] - 1] + bytes[1..<bytes.count - 1], signalStrength: strength)]
  }

  /// The first address, the number of bytes, and the bytes of the memory.
  private mutating func configured(_ content: [UInt8]) -> [WirelessStickPiece] {
    let memory = content.dropFirst(2)
    guard content.count > 2, content[0] == 0, memory.count >= 0x70, memory.count == Int(content[1]) else { return [] }
    isLongWave = memory.count == 0x80
    hasStrength = memory[memory.startIndex + 69] != 0
    let telegrams = early.flatMap { telegram($0) }
    early = []
    guard possible.contains(mode) else {
      stage = .done
      let others = possible.map { "`\($0.rawValue)`" }.joined(separator: ", ")
      return telegrams + [.refused(.cannotHear(receiver: name, mode: mode.rawValue, others: others))]
    }
    stage = .setting
    return telegrams + [.answered]
  }

  private var possible: [WirelessReception.Mode] { isLongWave ? [.n1a] : [.both, .c1, .t1, .s1] }

  private var mode: WirelessReception.Mode { wanted ?? possible[0] }

  /// Of a collector that hears meters in this mode.
  private var code: UInt8 {
    switch mode {
    case .both: 0x09
    case .c1: 0x0E
    case .t1: 0x08
    case .s1: 0x03
    case .n1a: 0x02
    }
  }
}
