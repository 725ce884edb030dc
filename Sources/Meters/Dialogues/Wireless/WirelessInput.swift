internal import Base
internal import Decoders

/// What a receiver of wireless M-Bus writes: lines of text, or frames one behind the other.
struct WirelessInput: Sendable {
  enum Piece: Equatable {
    case frame([UInt8], signalStrength: Int?)
    case rejected([UInt8], DecodeError)
  }

  /// The begin of a line.
  private var line: [UInt8] = []
  private var framer = WirelessMBusFramer()

  /// Takes bytes as they come. Text has no bytes beyond ASCII, and a frame of ten bytes or more practically always has one.
  mutating func append(_ bytes: [UInt8]) -> [Piece] {
    var pieces: [Piece] = []
    guard bytes.allSatisfy({ (0x20...0x7E).contains($0) || (0x09...0x0D).contains($0) }) else {
      pieces += endLine()
      framer.append(bytes.span)
      return pieces + frames(signalStrength: nil)
    }
    for byte in bytes {
      let isEnd = byte == 0x0A || byte == 0x0D
      if isEnd || line.count >= Limits.wirelessLineBytes { pieces += endLine() }
      if !isEnd { line.append(byte) }
    }
    // A message of a broker is an object without a line end.
    if line.last == UInt8(ascii: "}") { pieces += endLine() }
    return pieces
  }

  /// The line is quiet: a line without an end is whole, and half a frame is over.
  mutating func finish() -> [Piece] {
    let rest = endLine()
    framer.finish()
    return rest + frames(signalStrength: nil)
  }

  private mutating func endLine() -> [Piece] {
    defer { line.removeAll(keepingCapacity: true) }
    guard line.contains(where: { $0 > 0x20 }) else { return [] }
    guard let told = WirelessLine(line) else {
      return [.rejected(line, DecodeError(.noise, at: 0, found: line.count))]
    }
    var own = WirelessMBusFramer()
    own.append(told.frame.span)
    own.finish()
    return Self.pieces(&own, told.signalStrength)
  }

  private mutating func frames(signalStrength: Int?) -> [Piece] { Self.pieces(&framer, signalStrength) }

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
