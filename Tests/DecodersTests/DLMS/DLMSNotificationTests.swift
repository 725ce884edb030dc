import Testing

@testable import Decoders

@Suite struct DLMSNotificationTests {
  @Test(
    "the time of a notification has three forms",
    arguments: [[0x00], [0x0C] + DLMSBuilder.moment, [0x09, 0x0C] + DLMSBuilder.moment])
  func time(form: [UInt8]) throws {
    let body = AXDR.structure([AXDR.code(1, 0, 1, 7, 0), AXDR.uint32(472), AXDR.scaler(0, 27)])
    let decoded = decodeAll([.frame([0x0F, 0x80, 0x01, 0x23, 0x45] + form + body)], DLMSDecoder())
    let reading = try #require(decoded.telegrams.first?.readings.first)
    #expect(reading.time?.description == (form.count > 1 ? "2022-11-20T19:03:40+01:00" : nil))
  }
}
