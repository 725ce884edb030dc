internal import Base
internal import Decoders

/// `header` of a wireless telegram in the JSON of `decode`.
extension JSONText {
  mutating func wirelessHeader(_ telegram: Telegram) {
    guard let content = telegram.content as? WirelessMBusContent else { return null() }
    object { json in
      json.mbusHeaderMembers(content.message.header, accessNumber: content.linkAccessNumber)
      json.member("ci", content.chainText)
      if let mode = content.mode { json.member("mode", mode) }
      if let security = content.security { json.member("security", security.name) }
      if let strength = telegram.signalStrength { json.member("rssi", strength) }
    }
  }
}
