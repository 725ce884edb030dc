internal import Base
internal import Decoders

extension ProtocolDescription {
  /// The optical port of electricity and heat meters (IEC 62056-21, modes A to D), asked or pushing.
  package static let d0 = ProtocolDescription(
    name: "d0",
    otherNames: ["iec62056-21", "iec_62056_21", "iec62056", "iec1107", "iec_1107", "iec61107", "d0-meter", "optical"],
    meter: "a D0 meter", meters: "D0 meters",
    recognise: D0Framer.recognise,
    framer: { _ in D0Framer() },
    decoder: { D0Decoder(utcOffset: $0.utcOffset) },
    redactor: { _ in D0Redactor() },
    frameBytes: D0Framer.limit,
    line: LineSettings(baud: 300, dataBits: 7, parity: .even, stopBits: 1),
    silenceAdvice:
      "does the optical head sit on the eye of the meter the right way round, and does the meter have to be "
      + "woken (`wake`), or asked with its number (`address`)?",
    damageAdvice: "turn the head a little, clean the eye, and keep light away from it",
    usualDamage: 20,
    dialogue: { request in
      let meter = request.meters[0]
      var settings = D0Session.Settings(line: request.line)
      settings.polling = meter.opticalPort
      settings.interval = meter.interval
      settings.isLineFixed = meter.line != nil
      settings.isOverNetwork = meter.source.isSocket
      settings.canTune = meter.source.hasLine
      return D0Session(settings)
    },
    inquiry: { line, isOverNetwork, _ in D0Inquiry(line: line, overNetwork: isOverNetwork) },
    // Many meters take requests at this speed too.
    otherInquiryLines: [LineSettings(baud: 9600, dataBits: 7, parity: .even, stopBits: 1)],
    usualInterval: D0Session.usualInterval,
    // A readout at 300 Bd takes minutes, and tries of waking a meter come before it.
    firstTelegram: .minutes(5),
    settings: ["mode", "max_baud", "wake", "address"],
    content: D0Content.self,
    writeHeader: { telegram, json in json.d0Header(telegram) },
    writeRecords: { telegram, json in json.d0Records(telegram) })
}
