internal import Base
internal import Decoders

extension ProtocolDescription {
  /// ECHONET Lite of Japanese smart meters (class 0x0288), on the B-route behind a dongle with SKSTACK.
  package static let echonet = ProtocolDescription(
    name: "echonet",
    otherNames: [
      "b-route", "b_route", "broute", "route-b", "route_b", "wi-sun", "wisun", "echonet_lite", "echonet-lite",
      "echonetlite", "skstack",
    ],
    meter: "a B-route meter", meters: "B-route meters (echonet)",
    writtenTitle: "ECHONET Lite",
    recognise: ECHONETFramer.recognise,
    framer: { _ in ECHONETFramer() },
    decoder: { settings in
      ECHONETDecoder(energyUnit: settings.energyUnit, coefficient: settings.coefficient)
    },
    redactor: { _ in ECHONETRedactor() },
    line: LineSettings(baud: 115_200, dataBits: 8, parity: .none, stopBits: 1),
    silenceAdvice: "is it a Wi-SUN dongle with SKSTACK commands, and is it plugged in firmly?",
    dialogue: { request in
      guard let meter = request.meters.first, let credentials = meter.credentials else { return nil }
      var settings = SKSTACKSession.Settings(
        credentials: credentials, network: request.network, seed: request.seed)
      if let interval = meter.interval {
        settings.powerInterval = interval
        settings.energyInterval = max(interval, settings.energyInterval)
      }
      return SKSTACKSession(settings)
    },
    inquiry: { _, _, _ in SKSTACKInquiry() },
    usualInterval: { _ in SKSTACKSession.Settings.usualPowerInterval },
    // The session repeats requests that are lost on the air, and that takes time.
    shortestStaleness: SKSTACKSession.Settings.usualPowerInterval,
    // A scan for the meter's network, and the join.
    firstTelegram: .minutes(3),
    settings: ["route_b_id", "password"],
    required: [
      ("route_b_id", "the 32 digits of the grid company's letter about the B-route"),
      ("password", "the 12 characters that the grid company gave you for the B-route"),
    ],
    tellsAllAtOnce: false,
    tellsParticulars: true,
    content: ECHONETContent.self,
    writeHeader: { telegram, json in json.echonetHeader(telegram) },
    writeRecords: { telegram, json in json.echonetRecords(telegram) })
}
