internal import Base
internal import Decoders
internal import Meters

extension DecodeResult {
  /// One object on one line.
  var json: String {
    var json = JSONText()
    switch self {
    case .telegram(let meterProtocol, let telegram):
      json.object { json in
        json.member("ok", true)
        json.member("protocol", meterProtocol.name)
        json.telegram(telegram)
        if !telegram.issues.isEmpty {
          json.array("issues") { json in
            for issue in telegram.issues { json.object { $0.issue(issue) } }
          }
        }
      }
    case .rejected(let meterProtocol, let bytes, let error):
      json.object { json in
        json.member("ok", false)
        json.member("protocol", meterProtocol?.name)
        json.object("error") { $0.issue(error, message) }
        json.member("bytes", Hexadecimal.text(bytes))
      }
    }
    return json.text
  }
}

extension JSONText {
  fileprivate mutating func issue(_ error: DecodeError, _ message: String? = nil) {
    member("code", error.code.name)
    member("offset", error.offset)
    member("message", message ?? error.description)
  }

  fileprivate mutating func telegram(_ telegram: Telegram) {
    let known = ProtocolDescription(printing: telegram.content)
    key("header")
    if let known { known.writeHeader(telegram, &self) } else { null() }
    array("readings") { json in
      for reading in telegram.readings { json.reading(reading, received: nil, publishing: false) }
    }
    key("records")
    if let known { known.writeRecords(telegram, &self) } else { null() }
  }
}
