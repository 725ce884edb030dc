internal import Base
internal import Decoders

/// A CUL or nanoCUL with culfw: its version, the mode, and reports with link quality and signal strength.
struct CULStick: WirelessStick {
  private enum Stage { case version, mode, reporting, done }

  static let baud = 38_400
  /// From here on a truncated line is one that the firmware has cut, and not one that the line has lost the end of.
  private static let longLine = 200

  private let wanted: WirelessReception.Mode?
  private var stage = Stage.version
  /// An older firmware does not know C1.
  private var isOld = false
  private var isCutTold = false
  /// The line that has begun.
  private var line: [UInt8] = []

  init(_ mode: WirelessReception.Mode?) { wanted = mode }

  var name: String { "CUL" }
  /// In C mode culfw takes T1 too.
  var hears: String { mode == .c1 ? WirelessReception.Mode.both.title : mode.title }

  var step: WirelessStickStep {
    switch stage {
    case .version: .ask(Self.command("V"))
    case .mode: .ask(Self.command("br\(letter)"))
    case .reporting: .tell(Self.command("X21"))
    case .done: .done
    }
  }

  mutating func begin() { stage = .version }
  mutating func told() { if stage == .reporting { stage = .done } }

  mutating func append(_ bytes: [UInt8]) -> [WirelessStickPiece] {
    var pieces: [WirelessStickPiece] = []
    for byte in bytes {
      let isEnd = byte == 0x0A || byte == 0x0D
      if !isEnd { line.append(byte) }
      if isEnd || line.count >= Limits.wirelessLineBytes { pieces += endLine() }
    }
    return pieces
  }

  mutating func finish() -> [WirelessStickPiece] { endLine() }

  private static func command(_ text: String) -> [UInt8] { Array("\(text)\r\n".utf8) }

  private mutating func endLine() -> [WirelessStickPiece] {
    guard !line.isEmpty else { return [] }
    defer { line = [] }
    if line[0] == UInt8(ascii: "b") { return telegram() }
    let text = String(decoding: line, as: UTF8.self)
    switch stage {
    case .version where text.hasPrefix("V ") && text.uppercased().contains("CUL"):
      stage = .mode
      return [.answered]
    case .mode where text == "\(letter.uppercased())MODE":
      stage = .reporting
      return [.answered]
    case .mode where Self.isRefusal(text): return refused()
    default: return Self.isAnswer(text) ? [] : [.rejected(line, DecodeError(.noise, at: 0, found: line.count))]
    }
  }

  /// Digits of a frame with its check values, then two bytes of the stick.
  private mutating func telegram() -> [WirelessStickPiece] {
    let digits = line.dropFirst(line.count > 1 && line[1] == UInt8(ascii: "Y") ? 2 : 1)
    var pieces: [WirelessStickPiece] = []
    if let damaged = digits.firstIndex(where: { Hexadecimal.digit($0) == nil }) {
      pieces = [.rejected(line, DecodeError(.noise, at: damaged, found: 1))]
    } else if digits.count % 2 == 1 {
      pieces = [.rejected(line, DecodeError(.truncated, at: line.count, expected: 1))]
    } else {
      var input = WirelessInput()
      pieces = (input.append(line + [0x0A]) + input.finish()).map { piece in
        switch piece {
        case .frame(let bytes, let strength):
          damage(of: bytes).map { .rejected(bytes, $0) } ?? .frame(bytes, signalStrength: strength)
        case .rejected(let bytes, let error): .rejected(bytes, error)
        }
      }
    }
    let isCut = pieces.contains { piece in
      if case .rejected(_, let error) = piece { error.code == .truncated } else { false }
    }
    guard isCut, !isCutTold, line.count >= Self.longLine else { return pieces }
    isCutTold = true
    return pieces + [.remark(.cutsTelegrams)]
  }

  /// It leaves the check values in each frame, so that one without is damaged.
  private func damage(of frame: [UInt8]) -> DecodeError? {
    guard let format = try? WirelessFrame(frame.span).format, format == .stripped else { return nil }
    return WirelessFrame.damage(frame.span, isFormatB: line.count > 1 && line[1] == UInt8(ascii: "Y"))
  }

  private mutating func refused() -> [WirelessStickPiece] {
    if wanted == nil, !isOld {
      isOld = true
      return [.remark(.hearsOnlyT1(receiver: name)), .answered]
    }
    stage = .done
    // It is made for 868 MHz.
    let others = "`c1+t1`, `c1`, `t1`, `s1`"
    return [.refused(wanted == .n1a ? .cannotHear(receiver: name, mode: "n1a", others: others) : .hasNoWireless)]
  }

  /// An unknown command, the list of known ones, or another mode than was asked for.
  private static func isRefusal(_ text: String) -> Bool {
    text.hasPrefix("?") || text == "OFF" || text.hasSuffix("MODE")
  }

  private static func isAnswer(_ text: String) -> Bool { isRefusal(text) || text.hasPrefix("V ") }

  private var mode: WirelessReception.Mode {
    switch wanted {
    case nil: isOld ? .t1 : .c1
    case .both: .c1
    case let mode?: mode
    }
  }

  private var letter: String { String(mode.rawValue.prefix(1)) }
}
