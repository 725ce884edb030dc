internal import Documents
internal import Meters
internal import MQTT
internal import Publishing

extension Configuration {
  /// What other programs must know of these meters.
  ///
  /// - Parameter devices: the devices and fields of earlier runs, as the state file keeps them.
  func snippetHouse(_ devices: [RetainedState.Entry]) -> SnippetHouse {
    var house = SnippetHouse(
      host: mqtt.host, port: mqtt.port ?? (mqtt.tls == nil ? 1883 : 8883), usesTLS: mqtt.tls != nil,
      baseTopic: mqtt.baseTopic, meters: [])
    for meter in meters {
      let own = devices.filter { $0.device.id == meter.id && $0.device.parent == nil }
      let behind = devices.filter { $0.device.parent == meter.id }
      let unread = RetainedState.Entry(
        device: Device(id: meter.id, medium: .other, protocolName: meter.meterProtocol.name), fields: [])
      for entry in (own.isEmpty ? [unread] : own) + behind {
        var device = entry.device
        if device.parent == nil { device.name = meter.name }
        house.meters.append(
          SnippetHouse.Meter(
            device, fields: entry.fields, heartbeat: meter.heartbeat,
            interval: meter.interval ?? meter.meterProtocol.usualInterval(device.medium)))
      }
    }
    return house
  }
}
