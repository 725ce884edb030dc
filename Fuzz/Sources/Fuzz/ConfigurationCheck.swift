import Decoders

@testable import Base
@testable import MeterBridge
@testable import Meters
@testable import MQTT
@testable import Platform
@testable import Publishing
@testable import Simulator

private let secret = "Tr0ub4dor&3"

/// Reads a configuration: it is right, or each mistake has a place and a printable message.
func checkConfiguration(_ input: [UInt8]) {
  let environment: Environment = ["SECRET": secret, "KEY": "00112233445566778899AABBCCDDEEFF"]
  do throws(ConfigurationError) {
    use(try Configuration.parse(input, path: "folder/meterbridge.yaml", environment: environment))
  } catch {
    guard case .wrong(_, _, let mistakes) = error else { preconditionFailure("no file has been read") }
    precondition(!mistakes.isEmpty && error.lines.count == mistakes.count, "wrong, but without a mistake")
    let isInText = String(decoding: input, as: UTF8.self).contains(secret)
    for mistake in mistakes {
      precondition(mistake.at.line > 0 && mistake.at.column > 0, "no place")
      precondition(isShowable(mistake.message), "no words: \(mistake.message)")
      precondition(isInText || !mistake.message.contains(secret), "a secret is shown")
    }
  }
}

/// Uses it as the program does before it opens anything.
private func use(_ configuration: Configuration) {
  precondition(configuration.meters.count <= configuration.meterLimit, "too many meters")
  precondition(Set(configuration.meters.map(\.id)).count == configuration.meters.count, "two meters of one name")
  let discovery = Discovery(configuration.homeAssistant, baseTopic: configuration.mqtt.baseTopic)
  requireObject(discovery.bridgeDocument())
  for settings in configuration.meters.prefix(4) {
    var pipeline = MeterPipeline(settings, zone: .system, devices: [])
    var framer = settings.meterProtocol.framer(settings)
    framer.append([0x10, 0x5B, 0x01, 0x5C, 0x16].span)
    framer.finish()
    let now = Instant(milliseconds: 1000)
    while let next = framer.next() {
      if case .frame(let frame) = next { _ = pipeline.received([frame], now: now, wall: WallTime(milliseconds: 0)) }
    }
    let device = Device(id: settings.id, name: settings.name, medium: .electricity, protocolName: "p1")
    requireObject(discovery.document(for: device, fields: [.lastTelegram], removing: []))
  }
}

/// Whether a text is one line without control characters.
func isShowable(_ text: String) -> Bool {
  !text.isEmpty && text.utf8.count < 4000
    && text.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) }
}
