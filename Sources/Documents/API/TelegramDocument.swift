internal import Base
internal import Decoders
internal import Meters

extension JSONText {
  /// Writes the last telegram of a meter: its bytes, and its records or what is wrong with it.
  mutating func telegram(_ telegram: StoredTelegram, of meter: StoredMeter) {
    object { json in
      json.member("meter", meter.id)
      json.member("protocol", meter.device.protocolName)
      json.member("received", telegram.received.description)
      json.member("bytes", Hexadecimal.text(telegram.bytes))
      if let text = telegram.text { json.member("text", text) }
      if let trouble = telegram.trouble {
        json.object("error") { json in
          json.member("code", trouble.code)
          json.member("message", trouble.message)
        }
      }
      if let content = telegram.content { json.content(content) }
    }
  }

  /// As `decode --format json` prints it.
  private mutating func content(_ telegram: Telegram) {
    guard let known = ProtocolDescription(printing: telegram.content) else { return }
    key("header")
    known.writeHeader(telegram, &self)
    key("records")
    known.writeRecords(telegram, &self)
    guard !telegram.issues.isEmpty else { return }
    array("issues") { json in
      for issue in telegram.issues {
        json.object { json in
          json.member("code", issue.code.name)
          json.member("message", issue.description)
        }
      }
    }
  }
}

extension StoredTelegram {
  /// The telegram as text, if it is one: printable characters and ends of lines.
  fileprivate var text: String? {
    guard !bytes.isEmpty, bytes.allSatisfy({ (0x20...0x7E).contains($0) || $0 == 0x0D || $0 == 0x0A }) else {
      return nil
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
