internal import Base
internal import Decoders

/// A make of receiver that takes commands: how it is set up, and how it wraps telegrams.
///
/// A stick gets bytes and says which command is next. `ReceiverSession` knows the time, and asks again.
protocol WirelessStick: Sendable {
  /// Its name for people.
  var name: String { get }
  /// Its factory's speed, in bits a second; always 8N1.
  static var baud: Int { get }
  /// What is to be done now.
  var step: WirelessStickStep { get }
  /// What it hears, for people; known after the set-up.
  var hears: String { get }

  /// Begins the set-up anew.
  mutating func begin()
  /// The command of `.tell` was sent.
  mutating func told()
  mutating func append(_ bytes: [UInt8]) -> [WirelessStickPiece]
  /// The line is quiet: half a frame is over.
  mutating func finish() -> [WirelessStickPiece]
  /// The line is closed: what waits for an answer is over too.
  mutating func close() -> [WirelessStickPiece]
}

extension WirelessStick {
  mutating func close() -> [WirelessStickPiece] { finish() }
}

enum WirelessStickStep: Equatable {
  /// A command with an answer.
  case ask([UInt8])
  /// A command without.
  case tell([UInt8])
  case done
}

enum WirelessStickPiece: Equatable {
  /// A telegram as a stripped frame, or with check values.
  case frame([UInt8], signalStrength: Int?)
  case rejected([UInt8], DecodeError)
  /// The answer to the command came; `step` is the next one.
  case answered
  /// The receiver cannot be set as it should, and takes no further commands.
  case refused(ReceiverTrouble)
  /// Telegrams come, but not all that might.
  case remark(ReceiverTrouble)
}

extension ReceiverFramer {
  /// What some bytes complete, oldest first.
  mutating func pieces(of bytes: [UInt8]) -> [Framed] {
    append(bytes.span)
    return rest()
  }

  /// What is over with the silence.
  mutating func finished() -> [Framed] {
    finish()
    return rest()
  }

  private mutating func rest() -> [Framed] {
    var pieces: [Framed] = []
    while let piece = next() { pieces.append(piece) }
    return pieces
  }
}

extension WirelessReception.Mode {
  /// For people.
  var title: String { self == .both ? "C1 and T1" : rawValue.uppercased() }
}

extension WirelessReception.Receiver {
  /// Those that are asked, in this order.
  static let asked: [Self] = [.im871a, .amb8465, .cul, .rc1180]

  /// Nil for those that take no commands.
  func stick(_ mode: WirelessReception.Mode?) -> (any WirelessStick)? {
    switch self {
    case .im871a: IM871A(mode)
    case .amb8465: AMB8465(mode)
    case .cul: CULStick(mode)
    case .rc1180: RC1180(mode)
    case .auto, .lines, .frames: nil
    }
  }
}
