internal import Base
internal import Decoders

extension ProtocolDescription {
  /// M-Bus on wire (EN 13757-2 and -3).
  package static let mbus = ProtocolDescription(
    name: "mbus",
    otherNames: ["m-bus", "m_bus", "meterbus", "meter-bus"],
    meter: "an M-Bus meter", meters: "M-Bus meters",
    writtenTitle: "M-Bus",
    recognise: MBusFramer.recognise,
    framer: { _ in MBusFramer() },
    decoder: { MBusDecoder(profile: $0.profile) },
    redactor: { MBusRedactor(profile: $0.profile) },
    line: LineSettings(baud: 2400, dataBits: 8, parity: .even, stopBits: 1),
    silenceAdvice: "has the level converter its power supply, are both wires of the bus connected, and are the address "
      + "and the line settings (mostly 2400 8E1) those of the meter?",
    sharesLine: true,
    oneMeterRemedy: "Give each its secondary address: `address:` with the eight digits of its number",
    dialogue: { request in
      MBusMaster(
        slaves: request.meters.map {
          MBusMaster.Slave(address: $0.busAddress, interval: $0.interval, polling: $0.polling)
        },
        timing: MBusTiming(
          baud: request.line.baud, overNetwork: request.meters[0].source.isSocket,
          overDatagrams: request.meters[0].source.isDatagram),
        line: request.meters[0].source.hasLine ? request.line : nil)
    },
    inquiry: { line, isOverNetwork, _ in
      MBusInquiry(timing: MBusTiming(baud: line.baud, overNetwork: isOverNetwork))
    },
    otherInquiryLines: [9600, 300, 4800, 1200, 600, 19_200, 38_400].map {
      LineSettings(baud: $0, dataBits: 8, parity: .even, stopBits: 1)
    },
    attribution: { meters in
      // A recording or a web page holds the answers to another master.
      let addresses = meters.map(\.busAddress)
      return { frame in
        guard let parsed = try? MBusFrame(parsing: frame.span) else { return nil }
        return addresses.firstIndex { $0.objection(to: parsed) == nil }
      }
    },
    usualInterval: MBusSchedule.usualInterval,
    settings: ["address", "profile", "nke", "retries", "pause", "backoff", "readout", "readout_baud"],
    profiles: Profile.allCases.map(\.name),
    content: MBusContent.self,
    writeHeader: { telegram, json in json.mbusHeader(telegram) },
    writeRecords: { telegram, json in json.mbusRecords(telegram) })
}

extension MeterSettings {
  /// A meter without an address is alone on its bus.
  fileprivate var busAddress: MBusAddress { address ?? .primary(MBusAddress.test) }
}
