import Decoders

@testable import Base
@testable import Meters

/// A receiver of wireless M-Bus that sends anything: each byte comes out of its framing once, and the dialogue always goes on.
func checkReceiver(_ input: [UInt8]) {
  guard let first = input.first else { return }
  let rest = Array(input.dropFirst())
  for framing in [ReceiverFramer.Framing.im871a, .amber, .lengths] {
    run(rest, ReceiverFramer(framing), wirelessDecoder, filler: [])
  }
  let receivers = WirelessReception.Receiver.allCases
  let modes: [WirelessReception.Mode?] = [nil] + WirelessReception.Mode.allCases
  var settings = ReceiverSession.Settings()
  settings.reception.receiver = receivers[Int(first) % receivers.count]
  settings.reception.mode = modes[Int(first >> 3) % modes.count]
  settings.canAsk = true
  settings.canTune = first & 0x40 == 0
  var dialogue = WirelessReceiver(addresses: [nil], gap: 500, receiver: settings)
  var now = Instant(milliseconds: 0)
  dialogue.opened(now: now)
  for start in stride(from: 0, to: rest.count, by: 7) {
    dialogue.received(LineInput(bytes: Array(rest[start..<min(rest.count, start + 7)])), now: now)
    carryOut(&dialogue, now: now)
    // Some pieces follow at once, and others when something is due.
    guard rest[start] & 3 == 0, let due = dialogue.deadline else { continue }
    now = max(now, due)
    dialogue.tick(now: now)
    carryOut(&dialogue, now: now)
  }
  for _ in 0..<100 {
    guard let due = dialogue.deadline else { break }
    now = max(now, due)
    dialogue.tick(now: now)
    carryOut(&dialogue, now: now)
  }
  precondition(now >= Instant(milliseconds: 1000), "the dialogue stands still")
  dialogue.closed(now: now)
  carryOut(&dialogue, now: now)
}

private func carryOut(_ dialogue: inout WirelessReceiver, now: Instant) {
  for output in dialogue.takeOutputs() {
    switch output {
    case .tune: dialogue.tuned(now.milliseconds & 1 == 0, now: now)
    case .reopen:
      dialogue.closed(now: now)
      dialogue.opened(now: now)
    case .readout(_, let frames): decode(frames, wirelessDecoder)
    default: break
    }
  }
}
