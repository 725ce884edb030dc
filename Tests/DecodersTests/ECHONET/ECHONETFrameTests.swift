import Testing

@testable import Decoders

private let power = ECHONETBuilder.frame(0xE7, [0, 0, 1, 0xF4])

private struct Broken: Sendable, CustomTestStringConvertible {
  var testDescription: String
  var bytes: [UInt8]
  var code: DecodeError.Code
}

private let broken = [
  Broken(testDescription: "too short", bytes: Array(power.prefix(11)), code: .truncated),
  Broken(testDescription: "cut in its data", bytes: Array(power.dropLast(2)), code: .truncated),
  Broken(testDescription: "first byte", bytes: [0x11] + power.dropFirst(), code: .badFrame),
  Broken(testDescription: "format 2", bytes: [0x10, 0x82] + power.dropFirst(2), code: .badFrame),
  Broken(testDescription: "unknown service", bytes: Array(power[..<10]) + [0x99] + power[11...], code: .unsupported),
  Broken(testDescription: "no property", bytes: ECHONETBuilder.frame(.getResponse, []), code: .badRecord),
  Broken(
    testDescription: "longer than places can say",
    bytes: ECHONETBuilder.frame(
      .getResponse, Array(repeating: (0x80, [UInt8](repeating: 0x30, count: 255)), count: 255)),
    code: .tooLong),
  Broken(testDescription: "bytes behind", bytes: power + [0], code: .lengthMismatch),
  Broken(
    testDescription: "two promised", bytes: ECHONETBuilder.frame(.getResponse, [(0x80, [0x30])], count: 2),
    code: .truncated),
]

@Suite struct ECHONETFrameTests {
  @Test("every service is read or refused", arguments: ECHONETService.allCases)
  private func services(_ service: ECHONETService) {
    let frame = ECHONETBuilder.frame(service, [(0xE7, [0, 0, 0, 1])])
    do throws(DecodeError) {
      let telegram = try ECHONETBuilder.telegram(frame)
      #expect(telegram?.echonetRecords.count == 1)
      #expect(!service.isRequest && !service.hasTwoLists)
      #expect(telegram?.fieldLines().isEmpty == !service.carriesValues)
    } catch {
      #expect(error.code == (service.hasTwoLists ? .unsupported : .notAnAnswer))
    }
  }

  @Test("a broken frame is an error", arguments: broken)
  private func errors(_ broken: Broken) {
    let error = #expect(throws: DecodeError.self) { try ECHONETBuilder.telegram(broken.bytes) }
    #expect(error?.code == broken.code)
  }

  @Test("a request to the meter has its properties") func request() {
    #expect(
      ECHONETFrame.toMeter(.get, transaction: 0x0D0A, properties: [0xE7, 0xE8])
        == [0x10, 0x81, 0x0D, 0x0A, 5, 0xFF, 1, 2, 0x88, 1, 0x62, 2, 0xE7, 0, 0xE8, 0])
  }
}
