import Decoders

@testable import Base
@testable import Meters

/// Frames of wireless M-Bus, or lines with them, as two gateways and a third by datagrams send them; and each telegram made
/// anonymous, which must leave one that can be read.
func checkWireless(_ input: [UInt8]) {
  run(input, WirelessMBusFramer(), wirelessDecoder, filler: [])
  hear(input)
  anonymise(input)
  // Past a check value that mutations do not keep: as the body of a telegram, and of one that needs the key.
  guard (2...246).contains(input.count) else { return }
  for head in wirelessHeads {
    let frame = [UInt8(9 + input.count)] + head + input
    decode([frame], wirelessDecoder)
    anonymise(frame)
    hear(frame)
  }
}

private func hear(_ input: [UInt8]) {
  var receiver = WirelessReceiver(addresses: [nil], gap: 500)
  var now = Instant(milliseconds: 0)
  receiver.opened(now: now)
  var rest = input[...]
  var client = 0
  while !rest.isEmpty {
    let size = 1 + Int(rest.first ?? 0) % 64
    client = client % 3 + 1
    receiver.received(LineInput(bytes: Array(rest.prefix(size)), client: client, isDatagram: client == 3), now: now)
    rest = rest.dropFirst(size)
    if size % 8 == 0 { receiver.left(client: client, now: now) }
    now = now + Milliseconds(Int64(size) * 100)
    while let due = receiver.deadline, due <= now { receiver.tick(now: now) }
  }
  receiver.closed(now: now)
  for output in receiver.takeOutputs() {
    if case .readout(_, let frames) = output { decode(frames, wirelessDecoder) }
  }
}

private func anonymise(_ frame: [UInt8]) {
  let settings = MeterSettings(id: "meter", meterProtocol: .wmbus, source: .standardInput, sourceText: "-")
  guard var redactor = ProtocolDescription.wmbus.redactor?(settings) else { return }
  guard let redacted = try? redactor.redact(frame) else { return }
  var decoder = wirelessDecoder
  var telegrams: [Telegram] = []
  try? decoder.decode(frame.span, into: &telegrams)
  precondition((try? decoder.decode(redacted.span, into: &telegrams)) != nil, "an anonymous telegram cannot be read")
}
