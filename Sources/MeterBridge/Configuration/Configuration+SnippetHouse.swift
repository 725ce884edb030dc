internal import Decoders
internal import Documents
internal import Meters
internal import MQTT
internal import Publishing

extension Configuration {
  /// What other programs must know of these meters.
  ///
  /// - Parameter known: the devices that have been read, with the fields that they have sent.
  /// - Returns: all configured meters; those that have not been read have no fields.
  func snippetHouse(_ known: [(device: Device, fields: [FieldDescription])]) -> SnippetHouse {
    var house = SnippetHouse(
      host: mqtt.brokers[0].host, port: mqtt.brokers[0].port, usesTLS: mqtt.tls != nil, baseTopic: mqtt.baseTopic,
      meters: [])
    for meter in meters {
      let own =
        known.first { $0.device.id == meter.id && $0.device.parent == nil }
        ?? (Device(id: meter.id, medium: .other, protocolName: meter.meterProtocol.name), [])
      for (device, fields) in [own] + known.filter({ $0.device.parent == meter.id }) {
        // The state file has the name of the last run; the configuration may have another by now.
        var device = device
        if device.parent == nil {
          device.name = meter.name
        } else if device.name == nil, let name = meter.name {
          device.name = "\(name) \(device.medium.name)"
        }
        house.meters.append(
          SnippetHouse.Meter(
            device, fields: fields, heartbeat: meter.heartbeat,
            interval: meter.interval ?? meter.meterProtocol.usualInterval(device.medium)))
      }
    }
    return house
  }
}
