internal import Base
internal import Decoders

/// Radiocrafts RC1180-MBUS: its configuration tells whether a byte for the strength stands behind each telegram. It hears the
/// mode that it has in its memory, T1.
struct RC1180: WirelessStick {
  private enum Stage { case prompt, configuration, leaving, done }

  static let baud = 19_200
  private static let prompt = UInt8(ascii: ">")
  private static let memory = 256

  private let wanted: WirelessReception.Mode?
  private var stage = Stage.prompt
  private var hasStrength = false
  /// The answer that has begun.
  private var answer: [UInt8] = []
  private var framer = ReceiverFramer(.lengths)

  init(_ mode: WirelessReception.Mode?) { wanted = mode }

  var name: String { "RC1180" }
  var hears: String { WirelessReception.Mode.t1.title }

  var step: WirelessStickStep {
    switch stage {
    case .prompt: .ask([0x00])
    case .configuration: .ask([UInt8(ascii: "0")])
    case .leaving: .tell([UInt8(ascii: "X")])
    case .done: .done
    }
  }

  mutating func begin() {
    stage = .prompt
    giveUpAnswer()
  }

  /// What was no answer may be a telegram.
  private mutating func giveUpAnswer() {
    let bytes = answer
    answer = []
    framer.append(bytes.span)
  }

  mutating func told() { if stage == .leaving { stage = .done } }

  mutating func append(_ bytes: [UInt8]) -> [WirelessStickPiece] {
    guard stage == .prompt || stage == .configuration else { return pieces { $0.pieces(of: bytes) } }
    answer = (answer + bytes).suffix(Limits.frameBytes)
    if stage == .prompt {
      // A telegram may come before it.
      guard answer.last == Self.prompt else { return [] }
      let before = Array(answer.dropLast())
      answer = []
      stage = .configuration
      return pieces { $0.pieces(of: before) } + [.answered]
    }
    guard answer.count > Self.memory, answer[Self.memory] == Self.prompt else { return [] }
    hasStrength = answer[5] == 1
    answer = []
    stage = .leaving
    guard let wanted, wanted != .t1 else { return [.answered] }
    return [.refused(.cannotHear(receiver: name, mode: wanted.rawValue, others: "`t1`"))]
  }

  mutating func finish() -> [WirelessStickPiece] {
    giveUpAnswer()
    return pieces { $0.finished() }
  }

  private mutating func pieces(_ body: (inout ReceiverFramer) -> [Framed]) -> [WirelessStickPiece] {
    let hasStrength = hasStrength
    return body(&framer).map { piece in
      switch piece {
      case .rejected(let bytes, let error): .rejected(bytes, error)
      case .frame(let bytes):
        if hasStrength {
          // The length counts the strength, which is in half decibels below 1 mW.
          .frame([bytes[0] - 1] + bytes[1..<bytes.count - 1], signalStrength: -Int(bytes[bytes.count - 1]) / 2)
        } else {
          .frame(bytes, signalStrength: nil)
        }
      }
    }
  }
}
