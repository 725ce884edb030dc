internal import Base
internal import Meters
internal import MQTT

extension Outbox {
  /// The document of `bridge/info`.
  func infoDocument() -> [UInt8] {
    var json = JSONText()
    json.object { info in
      info.member("version", settings.version)
      info.member("started", settings.started.description)
      info.array("meters") { list in
        for meter in meterOrder.compactMap({ meters?[$0]?.value }) {
          list.object {
            $0.member("id", meter.id)
            $0.member("protocol", meter.protocolName)
            if let note = meterNotes[meter.id] { $0.member("note", note) }
          }
        }
      }
      info.array("protocols") { list in ProtocolDescription.configurable.forEach { list.value($0.name) } }
      if settings.isInsecure {
        info.member(
          "warning",
          "mqtt.tls.insecure: the bridge accepts any certificate, so others in the network can read all messages")
      }
      if connection?.version == .threeOneOne {
        info.member("note", "MQTT 3.1.1: the broker does not tell which messages it refuses")
      }
    }
    return json.bytes
  }
}
