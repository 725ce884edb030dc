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
    decoder: { WirelessMBusDecoder($0.wirelessKnowledge) },
    redactor: { settings in
      var example = settings
      example.key = try? MeterKey(MeterSettings.exampleKey)
      return WirelessRedactor(settings.wirelessKnowledge, example: example.wirelessCipher)
    },
    heard: { line in
      WirelessLine(line).map { ($0.frame, $0.signalStrength.map { FixedDecimal(Int64($0)) }) }
    },
    line: LineSettings(baud: 57_600, dataBits: 8, parity: .none, stopBits: 1),
    silenceAdvice:
      "does the receiver write a line or a frame for each telegram (rtl_wmbus, rtl_433, a gateway), does its "
      + "antenna hear 868 MHz, and do the meters send at this time of day?",
    sharesLine: true,
    oneMeterRemedy: "Give each its number: `address:` with eight digits",
    receiver: { request in
      WirelessReceiver(
        addresses: request.meters.map(\.address),
        gap: Listener.gap(overNetwork: request.meters[0].source.isSocket), receiver: ReceiverSession.Settings(request))
    },
    inquiry: { line, isOverNetwork, canTune in
      ReceiverInquiry(line: line, isOverNetwork: isOverNetwork, canTune: canTune)
    },
    attribution: { meters in
      let addresses = WirelessAddresses(meters.map(\.address))
      return { frame in
        guard let sender = try? WirelessSender(frame.span) else { return nil }
        return addresses.places(of: sender).first
      }
    },
    assumedInterval: Limits.wirelessInterval,
    settings: ["address", "profile", "key", "allow_plain", "receiver", "mode"],
    profiles: Profile.allCases.map(\.name),
    tellsAllAtOnce: false,
    remarks: { ($0.content as? WirelessMBusContent)?.remarks ?? [] },
    content: WirelessMBusContent.self,
    writeHeader: { telegram, json in json.wirelessHeader(telegram) },
    writeRecords: { telegram, json in json.mbusRecords(telegram) })
}

extension WirelessMBusContent {
  fileprivate var remarks: [TelegramRemark] {
    var remarks: [TelegramRemark] = []
    if isOpenToAll {
      remarks.append(
        TelegramRemark("the meter has its maker's public key: everybody near it can read its telegrams", lasts: false))
    }
    if hasUncheckedCode {
      remarks.append(
        TelegramRemark(
          "its telegrams have a code that proves the sender, which is not checked without `key`", lasts: false))
    }
    return remarks
  }
}

extension MeterSettings {
  /// What the decoder of a wireless meter knows.
  fileprivate var wirelessKnowledge: WirelessMBusDecoder.Configuration {
    var known = WirelessMBusDecoder.Configuration()
    known.cipher = wirelessCipher
    known.protection = protection
    known.profile = profile
    return known
  }
}

extension ReceiverSession.Settings {
  fileprivate init(_ request: DialogueRequest) {
    let meter = request.meters[0]
    reception = meter.reception
    line = request.line
    isLineFixed = meter.line != nil
    isOverNetwork = meter.source.isSocket
    canTune = meter.source.hasLine
    canAsk = canTune
    if case .tcp = meter.source { canAsk = true }
  }
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
