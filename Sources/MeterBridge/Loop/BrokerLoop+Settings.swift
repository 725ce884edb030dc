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
