import Decoders
import Testing

@testable import Base
@testable import MeterBridge
@testable import Meters

private func letter(_ hexadecimal: String, code: String = "truncated") throws -> DeadLetter {
  DeadLetter(
    time: WallTime(milliseconds: 1_795_172_401_250), meter: "broute", source: "dongle", kind: .undecodable,
    stage: .framing, code: code, message: "", protocolName: "echonet",
    bytes: try #require(Hexadecimal.bytes(hexadecimal.utf8)))
}

private func documents(_ letter: DeadLetter) -> [String]? {
  var replay = Replay(meters: [SerialDongleHarness.settings(.serial(path: "/dev/ttyUSB0"))], devices: [])
  let entry = letterEntry(letter)
  guard case .decoded(let readings) = replay.decode(entry) else { return nil }
  return readings.map { String(decoding: $0.document, as: UTF8.self) }
}

/// Power 500 W, and energy 12345 of an unknown unit.
private let frame = "1081000102880105FF017202E704000001F4E00400003039"

@Suite struct ReplayBRouteTests {
  @Test("the replay of a dead letter invents no unit") func replayWithoutUnit() throws {
    let told = try #require(documents(try letter(frame)))
    #expect(told.count == 1)
    #expect(told.first?.contains(#""name":"power","value":500"#) == true)
    #expect(told.first?.contains("energy") == false)
    // Nothing but an energy is nothing.
    #expect(documents(try letter("1081000102880105FF017201E00400003039")) == nil)
  }

  @Test("an unencrypted datagram stays unusable in a replay") func replayOfUnprotected() throws {
    #expect(documents(try letter(frame, code: "unprotected")) == nil)
  }
}
