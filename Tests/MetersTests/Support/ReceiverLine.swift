import TestSupport

@testable import Base
@testable import Decoders
@testable import Meters

/// A receiver of wireless M-Bus, and the dialogue with it, in virtual time.
struct ReceiverLine {
  var receiver: ScriptedReceiver
  var dialogue: WirelessReceiver
  private(set) var now = Instant(milliseconds: 0)
  private(set) var baud = 57_600
  /// Orders and findings, without what only moves the line.
  private(set) var outputs: [DialogueOutput] = []
  private(set) var reopened: [String] = []
  /// Changes of the line.
  private(set) var speeds: [Int] = []

  /// - Parameters:
  ///   - kind: the receiver at the other end.
  ///   - named: as configured.
  ///   - mode: as configured.
  ///   - settings: of the line.
  init(
    _ kind: ScriptedReceiver.Kind, named: WirelessReception.Receiver = .auto, mode: WirelessReception.Mode? = nil,
    settings: ReceiverSession.Settings = .serial
  ) {
    receiver = ScriptedReceiver(kind)
    var settings = settings
    settings.reception.receiver = named
    settings.reception.mode = mode
    dialogue = WirelessReceiver(addresses: [nil], gap: 500, receiver: settings)
  }

  mutating func open() {
    baud = 57_600
    dialogue.opened(now: now)
    carryOut()
  }

  mutating func close() {
    dialogue.closed(now: now)
    carryOut()
  }

  /// Bytes come to the program.
  mutating func send(_ bytes: [UInt8], inPieces: Bool = false) {
    for piece in inPieces ? bytes.map({ [$0] }) : [bytes] {
      dialogue.received(LineInput(bytes: piece), now: now)
      carryOut()
    }
  }

  /// Time passes, and everything that is due is done.
  mutating func wait(_ time: Milliseconds) {
    let end = now + time
    while let due = dialogue.deadline, due <= end {
      now = max(now, due)
      dialogue.tick(now: now)
      carryOut()
    }
    now = end
  }

  mutating func takeOutputs() -> [DialogueOutput] {
    defer { outputs = [] }
    return outputs
  }

  /// What the log would say.
  var told: [String] {
    outputs.compactMap { output in
      switch output {
      case .news(.receiver(let text)): text
      case .news(.receiverTrouble(let trouble)): "\(trouble)"
      default: nil
      }
    }
  }

  private mutating func carryOut() {
    var taken = dialogue.takeOutputs()
    while !taken.isEmpty {
      for output in taken {
        switch output {
        case .send(let bytes):
          // At another speed it hears rubbish.
          let answer = baud == receiver.baud ? receiver.receive(bytes) : []
          if !answer.isEmpty { dialogue.received(LineInput(bytes: answer), now: now) }
        case .tune(let line):
          baud = line.baud
          speeds.append(baud)
          dialogue.tuned(true, now: now)
        case .reopen(let reason):
          reopened.append(reason)
          dialogue.closed(now: now)
          baud = 57_600
          dialogue.opened(now: now)
        default: outputs.append(output)
        }
      }
      taken = dialogue.takeOutputs()
    }
  }
}

extension ReceiverSession.Settings {
  /// A port of this machine.
  static var serial: Self {
    var settings = Self()
    (settings.canAsk, settings.canTune) = (true, true)
    return settings
  }

  /// A port behind a plain gateway.
  static var gateway: Self {
    var settings = Self()
    (settings.canAsk, settings.isOverNetwork) = (true, true)
    return settings
  }
}

extension DialogueOutput {
  var frame: [UInt8]? { if case .readout(_, let frames) = self { frames[0] } else { nil } }
  var code: DecodeError.Code? { if case .rejected(_, _, let error) = self { error.code } else { nil } }
}

/// The frames of the air in both formats.
enum AirFrame {
  /// Without check values.
  static func stripped(_ bytes: [UInt8]) throws -> [UInt8] {
    let frame = try WirelessFrame(bytes.span)
    return frame.stripped(bytes.span)
  }

  /// What a meter with this key makes of a frame.
  static func meaning(of frame: [UInt8], key: MeterKey? = nil) -> String {
    var settings = MeterSettings(id: "m", meterProtocol: .wmbus, source: .standardInput, sourceText: "-")
    settings.key = key
    var decoder = ProtocolDescription.wmbus.decoder(settings)
    var telegrams: [Telegram] = []
    do throws(DecodeError) { try decoder.decode(frame.span, into: &telegrams) } catch { return "\(error.code)" }
    return telegrams.flatMap(\.readings).map { reading in
      let fields = reading.fields.map { "\(reading.topicLevel($0)) \($0.value)" }
      return ([reading.meterNumber ?? ""] + fields).joined(separator: " ")
    }.joined(separator: "; ")
  }

  static func formatA(_ stripped: [UInt8]) -> [UInt8] {
    var frame = checked(stripped[..<10])
    for start in stride(from: 10, to: stripped.count, by: 16) {
      frame += checked(stripped[start..<min(start + 16, stripped.count)])
    }
    return frame
  }

  static func formatB(_ stripped: [UInt8]) -> [UInt8] {
    var frame = stripped
    let hasTwoParts = stripped.count + 2 > 128
    frame[0] += hasTwoParts ? 4 : 2
    return hasTwoParts ? checked(frame[..<126]) + checked(frame[126...]) : checked(frame[...])
  }

  private static func checked(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    let value = CRC16.en13757(Array(bytes).span, 0..<bytes.count)
    return bytes + [UInt8(value >> 8), UInt8(value & 255)]
  }
}
