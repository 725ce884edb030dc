import Decoders
import Testing

@testable import Base
@testable import Meters

/// A line of a telegram and how `decode` prints it in `records`.
private struct Line: Sendable, CustomTestStringConvertible {
  var wire: String
  var json: String
  var testDescription: String { wire }
}

private func telegram(_ lines: String) throws -> Telegram {
  let bytes = Array("/XYZ5\\METER-1\r\n\r\n\(lines)\r\n!\r\n".utf8)
  var decoder = P1Decoder()
  var telegrams: [Telegram] = []
  try decoder.decode(bytes.span, into: &telegrams)
  return try #require(telegrams.first)
}

@Suite struct JSONTextP1Tests {
  @Test(
    "records are as the meter wrote them",
    arguments: [
      Line(wire: "1-0:1.8.1(001924.770*kWh)", json: #"{"obis":"1-0:1.8.1*255","value":1924.770,"unit":"kWh"}"#),
      Line(wire: "1-0:3.8.0.255(+0.5*kVArh)", json: #"{"obis":"1-0:3.8.0*255","value":0.5,"unit":"kVArh"}"#),
      Line(wire: "0-0:96.7.21(00005)", json: #"{"obis":"0-0:96.7.21*255","value":5}"#),
      Line(wire: "0-0:96.14.0(0002)", json: #"{"obis":"0-0:96.14.0*255","value":"0002"}"#),
      Line(wire: "0-0:96.1.1(4f4B)", json: #"{"obis":"0-0:96.1.1*255","value":"4f4B","text":"OK"}"#),
      Line(wire: "0-0:96.13.0(4F\r\n4B)", json: #"{"obis":"0-0:96.13.0*255","value":"4F4B","text":"OK"}"#),
      Line(wire: "0-0:96.13.0()", json: #"{"obis":"0-0:96.13.0*255","value":null,"reason":"no_data"}"#),
      Line(wire: "1-0:1.7.0(00.A1*kW)", json: #"{"obis":"1-0:1.7.0*255","value":"00.A1","unit":"kW"}"#),
      Line(wire: "1-0:1.8.1(000017.250kWh)", json: #"{"obis":"1-0:1.8.1*255","value":17.250,"unit":"kWh"}"#),
      Line(
        wire: "1-0:1.6.0(04.567*kW)(251203181500)",
        json: #"{"obis":"1-0:1.6.0*255","time":"2025-12-03T18:15:00","value":4.567,"unit":"kW"}"#),
      Line(
        wire: "7-0:23.1.0(00881.250*m3)(25-02-03 14:00:00)",
        json: #"{"obis":"7-0:23.1.0*255","time":"2025-02-03T14:00:00","value":881.250,"unit":"m3"}"#),
      Line(
        wire: "0-0:1.0.0(240229120000W)",
        json: #"{"obis":"0-0:1.0.0*255","value":"240229120000W","time":"2024-02-29T12:00:00+01:00"}"#),
      Line(
        wire: "0-1:24.2.1(240229120000W)(00112.380*m3)",
        json: #"{"obis":"0-1:24.2.1*255","time":"2024-02-29T12:00:00+01:00","value":112.380,"unit":"m3"}"#),
      Line(
        wire: "0-1:24.2.1(632525252525S)(00000.000)",
        json: #"{"obis":"0-1:24.2.1*255","time":null,"time_text":"632525252525S","value":0.000}"#),
      Line(
        wire: "0-1:24.3.0(110403140000)(08)(60)(1)(0-1:24.2.1)(m3)\r\n(00437.631)",
        json: #"{"obis":"0-1:24.3.0*255","time":"2011-04-03T14:00:00","value":437.631,"unit":"m3","values":["#
          + #"{"value":"110403140000","time":"2011-04-03T14:00:00"},{"value":8},{"value":60},{"value":1},"#
          + #"{"value":"0-1:24.2.1"},{"value":"m3"},{"value":437.631}]}"#),
      Line(
        wire: "0-1:24.3.0(110403140000)(08)(60)(1)(0-1:24.2.1)(m3)",
        json: #"{"obis":"0-1:24.3.0*255","time":"2011-04-03T14:00:00","value":null,"reason":"no_data","values":["#
          + #"{"value":"110403140000","time":"2011-04-03T14:00:00"},{"value":8},{"value":60},{"value":1},"#
          + #"{"value":"0-1:24.2.1"},{"value":"m3"}]}"#),
      Line(
        wire: "1-1:31.4.0(100*A)(-063*A)",
        json: #"{"obis":"1-1:31.4.0*255","value":100,"unit":"A","values":["#
          + #"{"value":100,"unit":"A"},{"value":-63,"unit":"A"}]}"#),
      Line(
        wire: "1-0:99.97.0(1)(0-0:96.7.19)(230101010203W)(0000000240*s)",
        json: #"{"obis":"1-0:99.97.0*255","value":1,"values":[{"value":1},{"value":"0-0:96.7.19"},"#
          + #"{"value":"230101010203W","time":"2023-01-01T01:02:03+01:00"},{"value":240,"unit":"s"}]}"#),
    ])
  private func records(_ line: Line) throws {
    let telegram = try telegram(line.wire)
    var json = JSONText()
    ProtocolDescription.p1.writeRecords(telegram, &json)
    #expect(json.text == "[\(line.json)]")
  }

  @Test("the header names the meter and the version")
  func header() throws {
    var json = JSONText()
    ProtocolDescription.p1.writeHeader(try telegram("1-3:0.2.8(50)"), &json)
    #expect(
      json.text == #"{"identification":"XYZ5\\METER-1","manufacturer":"XYZ","model":"METER-1","version":"50","#
        + #""checksum":null}"#)
  }
}
