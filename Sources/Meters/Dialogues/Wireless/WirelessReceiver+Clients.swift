internal import Base
internal import Decoders

/// The lines of gateways that connect to the program: one each.
struct WirelessClients: Sendable {
  private struct Line {
    var input = WirelessInput()
    /// When the last bytes came; nil if nothing waits for its rest.
    var pendingSince: Instant?
  }

  private var lines: [Int: Line] = [:]

  /// When the last bytes came of the line that has waited longest for its rest; nil if none waits.
  var silentSince: Instant? { lines.values.compactMap(\.pendingSince).min() }

  mutating func append(_ bytes: [UInt8], of client: Int, now: Instant) -> [WirelessInput.Piece] {
    var line = lines.removeValue(forKey: client) ?? Line()
    let isAlone = line.input.isEmpty
    var pieces = line.input.append(bytes)
    if isAlone, !line.input.isEmpty, Self.isTelegram(bytes) { pieces += line.input.finish() }
    line.pendingSince = line.input.isEmpty ? nil : now
    lines[client] = line
    return pieces
  }

  /// Whether some bytes are the digits of one whole telegram. Some gateways keep their connection and write no line ends.
  private static func isTelegram(_ bytes: [UInt8]) -> Bool {
    guard let frame = WirelessLine(bytes)?.frame, !frame.isEmpty else { return false }
    var framer = WirelessMBusFramer()
    framer.append(frame.span)
    framer.finish()
    return framer.next() == .frame(frame)
  }

  /// The client is gone.
  mutating func finish(_ client: Int) -> [WirelessInput.Piece] {
    var line = lines.removeValue(forKey: client)
    return line?.input.finish() ?? []
  }

  /// All clients are gone.
  mutating func finish() -> [WirelessInput.Piece] { lines.keys.sorted().flatMap { finish($0) } }

  /// The lines that have been silent for a gap are quiet.
  mutating func quiet(after gap: Milliseconds, now: Instant) -> [WirelessInput.Piece] {
    var pieces: [WirelessInput.Piece] = []
    for (client, line) in lines {
      guard let pending = line.pendingSince, now >= pending + gap else { continue }
      lines[client]?.pendingSince = nil
      pieces += lines[client]?.input.finish() ?? []
    }
    return pieces
  }
}

extension WirelessReceiver {
  mutating func left(client: Int, now: Instant) { hear(clients.finish(client), now: now) }

  /// Takes bytes of a client. A datagram is a whole line, or whole frames.
  mutating func hear(_ bytes: LineInput, now: Instant) {
    hear(clients.append(bytes.bytes, of: bytes.client, now: now), now: now)
    if bytes.isDatagram { left(client: bytes.client, now: now) }
  }

  mutating func hear(_ pieces: [WirelessInput.Piece], now: Instant) {
    for piece in pieces {
      switch piece {
      case .frame(let frame, let strength): take(frame, strength, now: now)
      case .rejected(let bytes, let error): outputs.append(.rejected(meter: nil, bytes: bytes, error: error))
      }
    }
  }

  /// Ends lines that are silent, and gives up fragments that wait too long for others.
  mutating func tickClients(gap: Milliseconds, now: Instant) {
    if let since = clients.silentSince, now >= since + gap { hear(clients.quiet(after: gap, now: now), now: now) }
    guard let due = fragmentsDue, now >= due else { return }
    var pieces: [Framed] = []
    fragments.age(into: &pieces)
    fragmentsDue = fragments.isHolding ? now + Limits.wirelessFragments : nil
    take(pieces, nil, now: now)
  }

  // MARK: Fragments

  mutating func join(_ frame: [UInt8], _ strength: Int?, now: Instant) {
    var pieces: [Framed] = []
    fragments.take(frame, into: &pieces)
    if fragments.isHolding { fragmentsDue = fragmentsDue ?? now + Limits.wirelessFragments }
    take(pieces, strength, now: now)
  }

  /// Whole messages, and fragments that stay without others. Those of other meters are no dead letters.
  private mutating func take(_ pieces: [Framed], _ strength: Int?, now: Instant) {
    for piece in pieces {
      switch piece {
      case .frame(let message): take(message, strength, now: now)
      case .rejected(let bytes, let error):
        guard let sender = try? WirelessSender(bytes.span) else { continue }
        if let meter = addresses.places(of: sender).first {
          outputs.append(.rejected(meter: meter, bytes: bytes, error: error))
        } else {
          strangers.count(sender)
        }
      }
    }
  }
}
