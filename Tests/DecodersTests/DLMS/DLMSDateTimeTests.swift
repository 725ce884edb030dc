import Testing

@testable import Decoders

private struct Moment: Sendable, CustomTestStringConvertible {
  var bytes: [UInt8]
  var text: String?
  var testDescription: String { text ?? "none" }
}

@Suite struct DLMSDateTimeTests {
  @Test(
    "twelve bytes are a moment where a calendar has it",
    arguments: [
      Moment(bytes: AXDR.moment(2022, 11, 20, 19, 3, 40, deviation: -60), text: "2022-11-20T19:03:40+01:00"),
      Moment(
        bytes: AXDR.moment(2023, 7, 1, 12, 0, 5, deviation: -120, status: 0x80), text: "2023-07-01T12:00:05+02:00"),
      Moment(bytes: AXDR.moment(2023, 7, 1, 12, 0, 5, deviation: 300), text: "2023-07-01T12:00:05-05:00"),
      Moment(bytes: AXDR.moment(2023, 7, 1, 12, 0, 5, deviation: .min), text: "2023-07-01T12:00:05"),
      Moment(bytes: AXDR.moment(2023, 7, 1, 12, 0, 255, deviation: .min), text: "2023-07-01T12:00:00"),
      Moment(bytes: AXDR.moment(2022, 13, 40, 25, 61, 0), text: nil),
      Moment(bytes: AXDR.moment(0xFFFF, 1, 1, 0, 0, 0), text: nil),
      Moment(bytes: AXDR.moment(2022, 1, 0xFE, 0, 0, 0), text: nil),
      Moment(bytes: Array("178210128502".utf8), text: nil),
    ])
  private func moments(_ sample: Moment) {
    #expect(DLMSDateTime(sample.bytes.span, at: 0)?.time.description == sample.text)
  }

  @Test("summer time without a deviation, and a clock that calls itself invalid") func status() {
    let summer = DLMSDateTime(AXDR.moment(2021, 8, 30, 22, 20, 30, deviation: .min, status: 0x80).span, at: 0)
    #expect(summer?.time.isSummer == true)
    #expect(summer?.time.offset == nil)
    #expect(DLMSDateTime(AXDR.moment(2000, 1, 1, 0, 0, 0, status: 0x01).span, at: 0)?.isInvalid == true)
    #expect(DLMSDateTime(AXDR.moment(2000, 1, 1, 0, 0, 0, status: 0xFF).span, at: 0)?.isInvalid == false)
  }
}
