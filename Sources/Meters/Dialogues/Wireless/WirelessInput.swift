internal import Base
internal import Decoders

/// What a receiver of wireless M-Bus writes: lines of text, or frames one behind the other.
struct WirelessInput: Sendable {
  enum Piece: Equatable {
    case frame([UInt8], signalStrength: Int?)
    case rejected([UInt8], DecodeError)
  }

  /// What the receiver is known to write; nil to find it out.
  enum Form: Equatable { case lines, frames }

  private let form: Form?
  /// The begin of a line.
  private var line: [UInt8] = []
  /// Whether lines have come since the last silence: then other bytes are damage in a line.
  private var writesText = false
  private var framer = WirelessMBusFramer()
  /// Bytes of half a frame.
  private var held = 0

  init(_ form: Form? = nil) { self.form = form }

  /// Takes bytes as they come. A frame has bytes that no text has, but a piece of one may lack them.
  mutating func append(_ bytes: [UInt8]) -> [Piece] {
    if form != .lines, form == .frames || held > 0 || !writesText && !bytes.allSatisfy(Self.isText) {
      let all = line + bytes
      line.removeAll(keepingCapacity: true)
      framer.append(all.span)
      held += all.count
      return frames()
    }
    var pieces: [Piece] = []
    for byte in bytes {
      let isEnd = byte == 0x0A || byte == 0x0D
      if isEnd || line.count >= Limits.wirelessLineBytes { pieces += endLine() }
      if !isEnd { line.append(byte) }
    }
    // An object may come without a line end.
    if line.last == UInt8(ascii: "}") { pieces += endLine() }
    return pieces
  }

  /// Whether nothing waits for its rest.
  var isEmpty: Bool { line.isEmpty && held == 0 }

  /// The line is quiet: a line without an end is whole, and half a frame is over.
  mutating func finish() -> [Piece] {
    let rest = endLine()
    writesText = false
    framer.finish()
    return rest + frames()
  }

  static func isText(_ byte: UInt8) -> Bool { (0x20...0x7E).contains(byte) || (0x09...0x0D).contains(byte) }

  private mutating func endLine() -> [Piece] {
    defer { line.removeAll(keepingCapacity: true) }
    guard line.contains(where: { $0 > 0x20 }) else { return [] }
    let told = WirelessLine(line)
    if told != nil { writesText = true }
    guard let frame = told?.frame ?? (line.allSatisfy(Self.isText) ? nil : line) else {
      return [.rejected(line, DecodeError(.noise, at: 0, found: line.count))]
    }
    var own = WirelessMBusFramer()
    own.append(frame.span)
    own.finish()
    return Self.pieces(&own, told?.signalStrength)
  }

  private mutating func frames() -> [Piece] {
    let pieces = Self.pieces(&framer, nil)
    for piece in pieces {
      switch piece {
      case .frame(let bytes, _), .rejected(let bytes, _): held -= bytes.count
      }
    }
    return pieces
  }

  private static func pieces(_ framer: inout WirelessMBusFramer, _ signalStrength: Int?) -> [Piece] {
    var pieces: [Piece] = []
    while let framed = framer.next() {
      switch framed {
      case .frame(let bytes): pieces.append(.frame(bytes, signalStrength: signalStrength))
      case .rejected(let bytes, let error): pieces.append(.rejected(bytes, error))
      }
    }
    return pieces
  }
}
