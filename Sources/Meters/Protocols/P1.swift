internal import Base
internal import Decoders

extension ProtocolDescription {
  /// The consumer port of electricity meters (DSMR P1 companion standard, eMUCS), enciphered or not.
  package static let p1 = ProtocolDescription(
    name: "p1",
    otherNames: ["dsmr", "esmr", "smr", "p1-port"],
    meter: "a P1 meter", meters: "P1 meters",
    recognise: P1Framer.recognise,
    recogniseInverted: P1Framer.recogniseInverted,
    framer: { _ in P1Framer() },
    decoder: {
      P1PortDecoder(
        $0.cipher, systemTitle: $0.systemTitle, protection: $0.protection, utcOffset: $0.utcOffset)
    },
    redactor: {
      P1Redactor(cipher: $0.cipher, systemTitle: $0.systemTitle, example: MeterSettings.exampleCipher)
    },
    frameBytes: Limits.p1Bytes,
    line: LineSettings(baud: 115_200, dataBits: 8, parity: .none, stopBits: 1),
    // Versions 2.2 and 3.
    otherLines: [LineSettings(baud: 9600, dataBits: 7, parity: .even, stopBits: 1)],
    silenceAdvice: "is the port of the meter switched on (in some countries the grid company does that on request), "
      + "is the cable a P1 cable, which feeds the request line (pin 2), and is it in the P1 socket?",
    convention: .wall,
    settings: ["key", "auth_key", "system_title", "allow_plain", "sub_meters"],
    version: { telegram in (telegram.content as? P1Content)?.version(telegram.bytes) },
    hasSubmeters: true,
    content: P1Content.self,
    writeHeader: { telegram, json in json.p1Header(telegram) },
    writeRecords: { telegram, json in json.p1Records(telegram) })
}
