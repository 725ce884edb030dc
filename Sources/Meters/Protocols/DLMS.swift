internal import Base
internal import Decoders

extension ProtocolDescription {
  /// DLMS/COSEM telegrams that meters push (IEC 62056-5-3, -46, -47, -7-3), enciphered or not.
  package static let dlms = ProtocolDescription(
    name: "dlms",
    otherNames: ["cosem", "dlms/cosem", "han", "ams"],
    meter: "a DLMS meter", meters: "DLMS meters",
    recognise: DLMSFramer.recognise,
    framer: { DLMSFramer(ignoresChecksums: $0.ignoresChecksums) },
    decoder: { settings in
      var known = DLMSDecoder.Configuration()
      known.cipher = settings.cipher
      known.systemTitle = settings.systemTitle
      known.protection = settings.protection
      known.scalers = settings.scalers
      known.maker = settings.maker
      known.utcOffset = settings.utcOffset
      return DLMSDecoder(known)
    },
    redactor: {
      DLMSRedactor(cipher: $0.cipher, systemTitle: $0.systemTitle, example: MeterSettings.exampleCipher)
    },
    line: LineSettings(baud: 2400, dataBits: 8, parity: .even, stopBits: 1),
    otherLines: [LineSettings(baud: 2400, dataBits: 8, parity: .none, stopBits: 1)],
    silenceAdvice: "is the customer interface of the meter switched on (the grid company does that on request), and is "
      + "the adapter an M-Bus slave, an infrared head or a P1 cable, as this meter needs it?",
    settings: ["profile", "key", "auth_key", "system_title", "allow_plain", "ignore_crc", "scalers"],
    profiles: DLMSMaker.allCases.map(\.name),
    tellsAllAtOnce: false,
    content: DLMSContent.self,
    writeHeader: { telegram, json in json.dlmsHeader(telegram) },
    writeRecords: { telegram, json in json.dlmsRecords(telegram) })
}
