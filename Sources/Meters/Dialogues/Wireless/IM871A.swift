internal import Base
internal import Decoders

/// IMST iM871A, and iM170A for 169 MHz (WMBus HCI): ping, device info, volatile configuration.
struct IM871A: WirelessStick {
  private enum Stage { case ping, info, setting, done }

  private enum Module: UInt8 { case im871A = 0x33, im170A = 0x36 }

  private enum Endpoint { static let (management, radio): (UInt8, UInt8) = (1, 2) }

  /// Messages of the device management; an answer has the next number.
  private enum Message { static let (ping, configure, info): (UInt8, UInt8, UInt8) = (0x01, 0x03, 0x0F) }

  private static let start: UInt8 = 0xA5
  /// The first firmware that hears C1 and T1 at once.
  private static let firmwareForBoth: UInt8 = 0x14

  static let baud = 57_600

  private let wanted: WirelessReception.Mode?
  private var stage = Stage.ping
  private var module = Module.im871A
  /// Nil if the device does not tell.
  private var firmware: UInt8?
  private var framer = ReceiverFramer(.im871a)

  init(_ mode: WirelessReception.Mode?) { wanted = mode }

  var name: String { module == .im170A ? "iM170A" : "iM871A" }
  var hears: String { mode.title }

  var step: WirelessStickStep {
    switch stage {
    case .ping: .ask(Self.command(Message.ping))
    case .info: .ask(Self.command(Message.info))
    case .setting:
      // Volatile; the mode; strength on and time off.
      .ask(Self.command(Message.configure, [0x00, 0x02, code, 0x30, 0x01, 0x00]))
    case .done: .done
    }
  }

  mutating func begin() { stage = .ping }
  mutating func told() {}

  mutating func append(_ bytes: [UInt8]) -> [WirelessStickPiece] { framer.pieces(of: bytes).flatMap { take($0) } }

  mutating func finish() -> [WirelessStickPiece] { framer.finished().flatMap { take($0) } }

  private static func command(_ message: UInt8, _ content: [UInt8] = []) -> [UInt8] {
    [start, Endpoint.management, message, UInt8(content.count)] + content
  }

  private mutating func take(_ framed: Framed) -> [WirelessStickPiece] {
    guard case .frame(let bytes) = framed else {
      if case .rejected(let bytes, let error) = framed { return [.rejected(bytes, error)] }
      return []
    }
    let (flags, message, end) = (bytes[1], bytes[2], 4 + Int(bytes[3]))
    switch (flags & 0x0F, message) {
    case (Endpoint.radio, 0x03):
      let place = end + (flags & 0x20 != 0 ? 4 : 0)
      // The length of the telegram stands in the frame around it.
      return [.frame([bytes[3]] + bytes[4..<end], signalStrength: flags & 0x40 != 0 ? Self.level(bytes[place]) : nil)]
    case (Endpoint.management, Message.ping + 1) where stage == .ping: stage = .info
    case (Endpoint.management, Message.info + 1) where stage == .info: return inform(bytes[4..<end])
    case (Endpoint.management, Message.configure + 1) where stage == .setting: stage = .done
    default: return []
    }
    return [.answered]
  }

  /// Type, mode, firmware, version of the protocol, number.
  private mutating func inform(_ info: ArraySlice<UInt8>) -> [WirelessStickPiece] {
    let info = Array(info)
    module = info.first.flatMap(Module.init) ?? .im871A
    firmware = info.count >= 8 ? info[2] : nil
    guard possible.contains(mode) else {
      stage = .done
      let others = possible.map { "`\($0.rawValue)`" }.joined(separator: ", ")
      return [.refused(.cannotHear(receiver: name, mode: mode.rawValue, others: others))]
    }
    stage = .setting
    let isOld = module == .im871A && wanted == nil && !hearsBoth
    return (isOld ? [.remark(.hearsOnlyT1(receiver: name))] : []) + [.answered]
  }

  private var hearsBoth: Bool { firmware.map { $0 >= Self.firmwareForBoth } ?? true }

  private var possible: [WirelessReception.Mode] {
    if module == .im170A { return [.n1a] }
    return (hearsBoth ? [.both] : []) + [.c1, .t1, .s1]
  }

  private var mode: WirelessReception.Mode { wanted ?? (module == .im170A ? .n1a : hearsBoth ? .both : .t1) }

  /// One code is C1 and T1 in the one module, N1a in the other.
  private var code: UInt8 {
    switch mode {
    case .both, .n1a: 0x0A
    case .c1: 0x07
    case .t1: 0x03
    case .s1: 0x00
    }
  }

  /// In dBm, as the curve of its radio has it.
  private static func level(_ strength: UInt8) -> Int { min(0, -100 + (Int(strength) - 45) / 2) }
}
