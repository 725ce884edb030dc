internal import Decoders

extension DecodeResult {
  /// One object on one line.
  var json: String {
    var json = JSONText()
    switch self {
    case .telegram(let meterProtocol, let telegram):
      json.object { json in
        json.member("ok", true)
        json.member("protocol", meterProtocol.rawValue)
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
        json.member("protocol", meterProtocol?.rawValue)
        json.object("error") { $0.issue(error) }
        json.member("bytes", Hexadecimal.text(bytes))
      }
    }
    return json.text
  }
}

extension JSONText {
  fileprivate mutating func issue(_ error: DecodeError) {
    member("code", error.code.name)
    member("offset", error.offset)
    member("message", error.description)
  }

  fileprivate mutating func telegram(_ telegram: Telegram) {
    key("header")
    switch telegram.records {
    case .mbus(let header, _): mbusHeader(header)
    case .p1: p1Header(telegram)
    case .dlms(let content): dlmsHeader(content.header)
    case .echonet(let frame, _): echonetHeader(frame)
    }
    array("readings") { json in
      for reading in telegram.readings { json.reading(reading, received: nil, publishing: false) }
    }
    key("records")
    switch telegram.records {
    case .mbus(_, let records): mbusRecords(records, bytes: telegram.bytes)
    case .p1(let records, let groups): p1Records(records, groups, bytes: telegram.bytes)
    case .dlms(let content): dlmsRecords(content)
    case .echonet(_, let records): echonetRecords(records, bytes: telegram.bytes)
    }
  }
}
