internal import Base
internal import Decoders
package import Publishing

/// `GET /api/meters/{id}/hours`: the register of each counter at the end of each hour, as it was measured.
package enum HoursDocument {
  /// One object for each hour and counter, in order.
  package static func json(_ rows: [HourRow], meter: String) -> [UInt8] {
    var json = JSONText()
    json.object { json in
      json.member("meter", meter)
      json.array("hours") { json in
        for row in rows {
          json.object { json in
            json.member("hour", WallTime(hour: row.hour).hourText)
            json.member("field", row.level)
            json.member("value", row.value)
            json.member("unit", row.unit.symbol)
            json.member("received", row.at.description)
            json.member("held", row.isHeld)
            if let rest = row.rest { json.member("exchanged_at", rest) }
          }
        }
      }
    }
    return json.bytes
  }

  /// A line for each of them, with a head (RFC 4180).
  package static func csv(_ rows: [HourRow]) -> [UInt8] {
    var text = "hour,field,value,unit,received,held,exchanged_at\r\n"
    for row in rows {
      let rest = row.rest.map { "\($0)" } ?? ""
      text +=
        "\(WallTime(hour: row.hour).hourText),\(row.level),\(row.value),\(row.unit.symbol),\(row.at),\(row.isHeld),\(rest)\r\n"
    }
    return Array(text.utf8)
  }
}
