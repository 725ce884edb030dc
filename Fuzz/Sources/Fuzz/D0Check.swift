import Decoders

@testable import Base
@testable import Meters

/// A file of readouts, the same past its check character, and a dialogue whose meter sends the input.
func checkD0(_ input: [UInt8]) {
  let whole = d0Framed(input, piece: max(1, input.count))
  let pieces = d0Framed(input, piece: 1 + input.count % 16)
  precondition(whole == pieces, "other pieces, other frames")
  let plain = input.map { $0 & 0x7F }
  // The echo of a request is dropped.
  if !plain.contains(where: { $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#") }) {
    let filler: Set<UInt8> = [0x0D, 0x0A]
    let out = whole.flatMap(\.content).map { $0 & 0x7F }.filter { !filler.contains($0) }
    precondition(out == plain.filter { !filler.contains($0) }, "bytes are lost, doubled or moved")
  }
  decode(whole.compactMap { if case .frame(let frame) = $0 { frame } else { nil } }, D0Decoder())
  let sealed = Array("/XYZ5FUZZ\r\n".utf8) + [0x02] + input + Array("!\r\n".utf8) + [0x03, 0x00]
  decode([sealed], D0Decoder())
  publish([sealed], .d0)
  talk(input)
}

private func d0Framed(_ input: [UInt8], piece: Int) -> [Framed] {
  var framer = D0Framer()
  var out: [Framed] = []
  var rest = input[...]
  while !rest.isEmpty {
    framer.append(Array(rest.prefix(piece)).span)
    rest = rest.dropFirst(piece)
    while let framed = framer.next() { out.append(framed) }
  }
  framer.finish()
  while let framed = framer.next() { out.append(framed) }
  return out
}

extension Framed {
  fileprivate var content: [UInt8] {
    switch self {
    case .frame(let bytes), .rejected(let bytes, _): bytes
    }
  }
}

/// The session always comes back to its next readout.
private func talk(_ input: [UInt8]) {
  var settings = D0Session.Settings(line: LineSettings(baud: 300, dataBits: 7, parity: .even, stopBits: 1))
  settings.interval = .minutes(1)
  var session = D0Session(settings)
  var now = Instant(milliseconds: 0)
  session.opened(now: now)
  var rest = input[...]
  var requests = 0
  for _ in 0..<2000 {
    for output in session.takeOutputs() {
      switch output {
      case .send(let bytes): if bytes == Array("/?!\r\n".utf8) { requests += 1 }
      case .tune: session.tuned(input.count % 3 != 0, now: now)
      default: break
      }
    }
    if let count = rest.first.map({ Int($0 % 32) + 1 }) {
      session.received(LineInput(bytes: Array(rest.prefix(count))), now: now)
      rest = rest.dropFirst(count)
    }
    now = max(now, session.deadline ?? now)
    session.tick(now: now)
  }
  precondition(requests > 3, "the session does not ask again")
}
