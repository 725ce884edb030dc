import Decoders
import Testing

@testable import Base
@testable import Meters

/// One power with scaler and unit, the meter's number, a clock, a code without a name and a flag.
private let notification: [UInt8] =
  [0x0F, 0x00, 0x00, 0x00, 0x2A, 0x00, 0x02, 0x0B]
  + [0x09, 0x06, 1, 0, 31, 7, 0, 255, 0x12, 0x00, 0xAC, 0x02, 0x02, 0x0F, 0xFE, 0x16, 33]
  + [0x09, 0x06, 0, 0, 96, 1, 0, 255, 0x09, 0x03, 0x31, 0x32, 0x33]
  + [0x09, 0x06, 0, 0, 1, 0, 0, 255, 0x09, 0x0C, 0x07, 0xE6, 11, 20, 7, 19, 3, 40, 0, 0xFF, 0xC4, 0]
  + [0x09, 0x06, 1, 0, 13, 7, 0, 255, 0x12, 0x00, 0x63]
  + [0x09, 0x06, 0, 0, 96, 3, 10, 255, 0x03, 0x01]

@Test("decode prints codes, values and the bytes of the wire")
func decode() throws {
  var decoder = DLMSDecoder()
  var telegrams: [Telegram] = []
  try decoder.decode(notification.span, into: &telegrams)
  let telegram = try #require(telegrams.first)
  var records = JSONText()
  ProtocolDescription.dlms.writeRecords(telegram, &records)
  #expect(
    records.text == """
      [{"obis":"1-0:31.7.0*255","value":1.72,"unit":"A","raw":172,"scaler":-2,"scaler_source":"telegram"},\
      {"obis":"0-0:96.1.0*255","value":"123","raw":"123"},\
      {"obis":"0-0:1.0.0*255","value":"2022-11-20T19:03:40+01:00","time":"2022-11-20T19:03:40+01:00"},\
      {"obis":"1-0:13.7.0*255","value":null,"reason":"unknown_scaler","raw":99},\
      {"obis":"0-0:96.3.10*255","value":true,"raw":true}]
      """)
  var header = JSONText()
  ProtocolDescription.dlms.writeHeader(telegram, &header)
  #expect(
    header.text == """
      {"system_title":null,"frame_counter":null,"security":null,"verification":"plain","invoke_id":42,"time":null}
      """)
}
