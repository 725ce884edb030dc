@testable import Base
@testable import Meters

/// A gateway that speaks Telnet or not. Its first byte says whether its port is to be set.
func checkTelnet(_ input: [UInt8]) {
  guard let first = input.first else { return }
  let bytes = Array(input.dropFirst())
  let line = first & 1 == 0 ? nil : LineSettings(baud: 2400, dataBits: 8, parity: .even, stopBits: 1)
  let whole = talk(bytes, line, piece: max(1, bytes.count))
  let pieces = talk(bytes, line, piece: 1 + Int(first >> 1) % 16)
  // The gateway may be asked sooner when less has come.
  precondition(whole.data == pieces.data, "other pieces, other bytes")
  if bytes.first != 0xFF { precondition(whole.data == bytes, "bytes of a plain line change") }
  precondition(whole.data.count <= bytes.count, "bytes come from nowhere")
  precondition(whole.sent.count <= 256 + 16 * bytes.count, "answers without an end")
}

/// What comes out for the meter, and what goes to the gateway.
private struct Talk {
  var data: [UInt8] = []
  var sent: [UInt8] = []
}

private func talk(_ bytes: [UInt8], _ line: LineSettings?, piece: Int) -> Talk {
  var session = TelnetSession(line: line, now: Instant(milliseconds: 0))
  var talk = Talk()
  func note(_ events: [TelnetSession.Event]) {
    for event in events { if case .data(let data) = event { talk.data += data } }
    talk.sent += session.takeOutgoing()
  }
  for start in stride(from: 0, to: bytes.count, by: piece) {
    note(session.received(Array(bytes[start..<min(bytes.count, start + piece)])))
  }
  if let deadline = session.deadline { note(session.tick(now: deadline).events) }
  precondition(session.deadline == nil || line != nil, "a deadline without an end")
  talk.data += session.finish()
  return talk
}
