internal import Base
internal import Decoders

extension ProtocolDescription {
  /// Electronic meters in Germany that push SML files through an infrared eye (BSI TR-03109-1, SML 1.04).
  package static let sml = ProtocolDescription(
    name: "sml",
    otherNames: ["edl21", "ehz", "mme", "sml-optical"],
    meter: "an SML meter", meters: "SML meters",
    recognise: SMLFramer.recognise,
    framer: { _ in SMLFramer() },
    decoder: { _ in SMLDecoder() },
    redactor: { _ in SMLRedactor() },
    line: LineSettings(baud: 9600, dataBits: 8, parity: .none, stopBits: 1),
    silenceAdvice: "does the head sit straight on the meter's infrared eye, with its magnet and its cable as the maker "
      + "shows, is it the eye of the meter that sends (INFO), not another one, and is it not a meter that only answers "
      + "(protocol: d0)?",
    damageAdvice: "turn the head a little, clean the eye, and keep light away from it",
    // A head that sits a few degrees off loses one to five.
    usualDamage: 20,
    settings: ["sub_meters"],
    losesDigits: true,
    remarks: { ($0.content as? SMLContent)?.remarks ?? [] },
    hasSubmeters: true,
    // The status word changes with the direction of the current; `status` says what is wrong.
    hiddenFields: [.errorFlags],
    content: SMLContent.self,
    writeHeader: { telegram, json in json.smlHeader(telegram) },
    writeRecords: { telegram, json in json.smlRecords(telegram) })
}
