internal import Base
internal import Meters
internal import MQTT
internal import Publishing

extension MosquittoClient.Settings {
  init(_ mqtt: MQTTSettings) {
    self.init(
      clientID: mqtt.clientID ?? ClientID.standard(), keepAlive: Int32(clamping: mqtt.keepAlive.count / 1000),
      tls: mqtt.tls, willTopic: "\(mqtt.baseTopic)/bridge/state", willPayload: Array("offline".utf8))
  }
}

extension MosquittoClient {
  /// A client that has begun to connect, as the user of the configuration.
  static func connecting(
    _ settings: Settings, _ attempt: BrokerSession.Attempt, as mqtt: MQTTSettings
  ) throws(ConnectFailure) -> MosquittoClient {
    let client = try MosquittoClient(settings, attempt, username: mqtt.username, password: mqtt.password?.reveal)
    try client.connect(attempt: attempt.number)
    return client
  }
}

extension LogLevel {
  init(_ severity: BrokerSession.Severity) {
    switch severity {
    case .error: self = .error
    case .warning: self = .warning
    case .notice: self = .notice
    }
  }
}

extension Outbox.Settings {
  init(_ order: BrokerThread.Order, started: WallTime) {
    self.init(
      baseTopic: order.mqtt.baseTopic, homeAssistant: order.homeAssistant, version: order.version, started: started,
      isInsecure: order.mqtt.tls?.isInsecure == true, maximumPacketSize: order.mqtt.maximumPacketSize,
      replayPace: order.replayPace, replayAfter: order.mqtt.replayAfter)
  }
}

extension DeadLetter {
  init(_ refused: Outbox.Refused, at time: WallTime) {
    self.init(
      time: time, meter: refused.meter, source: refused.source, kind: .refused, stage: .publish,
      code: refused.refusal.code, message: refused.text, offset: nil, protocolName: refused.protocolName,
      bytes: [], subject: Subject(field: nil, topic: refused.topic, value: refused.value, last: nil))
  }
}
