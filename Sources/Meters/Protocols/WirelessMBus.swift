internal import Base
internal import Decoders

extension ProtocolDescription {
  /// Wireless M-Bus (EN 13757-4, OMS), as receivers deliver it.
  package static let wmbus = ProtocolDescription(
    name: "wmbus",
    otherNames: ["wm-bus", "wireless-mbus", "wireless_mbus", "oms"],
    meter: "a wireless M-Bus meter", meters: "wireless M-Bus meters",
    writtenTitle: "wireless M-Bus",
    recognise: recogniseWireless,
    framer: { _ in WirelessMBusFramer() },
    decoder: { settings in
      var known = WirelessMBusDecoder.Configuration()
      known.cipher = settings.wirelessCipher
      known.protection = settings.protection
      known.profile = settings.profile
      return WirelessMBusDecoder(known)
    },
    lineBytes: { WirelessLine($0)?.frame },
    line: LineSettings(baud: 57_600, dataBits: 8, parity: .none, stopBits: 1),
    silenceAdvice:
      "does the receiver write a line or a frame for each telegram (rtl_wmbus, rtl_433, a gateway), does its "
      + "antenna hear 868 MHz, and do the meters send at this time of day?",
    sharesLine: true,
    oneMeterRemedy: "Give each its number: `address:` with eight digits",
    receiver: { request in
      WirelessReceiver(
        addresses: request.meters.map(\.address),
        gap: Listener.gap(overNetwork: request.meters[0].source.isSocket))
    },
    attribution: { meters in
      let addresses = WirelessAddresses(meters.map(\.address))
      return { frame in
        guard let sender = try? WirelessSender(frame.span) else { return nil }
        return addresses.places(of: sender).first
      }
    },
    assumedInterval: Limits.wirelessInterval,
    settings: ["address", "profile", "key", "allow_plain"],
    profiles: Profile.allCases.map(\.name),
    tellsAllAtOnce: false,
    content: WirelessMBusContent.self,
    writeHeader: { telegram, json in json.wirelessHeader(telegram) },
    writeRecords: { telegram, json in json.mbusRecords(telegram) })
}

/// Bytes of a frame, or lines of text from a receiver.
private func recogniseWireless(_ bytes: Span<UInt8>) -> Recognition? {
  if let found = WirelessMBusFramer.recognise(bytes) { return found }
  var line: [UInt8] = []
  for index in 0..<min(bytes.count, Limits.frameBytes) {
    if bytes[index] == 0x0A { break }
    line.append(bytes[index])
  }
  guard let first = line.first, !isDigit(first) || line.contains(UInt8(ascii: ";")), let known = WirelessLine(line)
  else { return nil }
  return WirelessMBusFramer.recognise(known.frame.span)
}
