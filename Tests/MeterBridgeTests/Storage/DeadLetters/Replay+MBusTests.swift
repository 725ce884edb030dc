import Decoders
import Testing

@testable import Base
@testable import MeterBridge
@testable import Meters

/// Meter 00777002 at address 0, 1160 kWh.
private let frame = MBusFrame.long(
  control: 8, address: 0, information: 0x72,
  data: [0x02, 0x70, 0x77, 0x00, 0x2D, 0x2C, 0x01, 0x04, 9, 0, 0, 0] + [0x04, 0x06, 0x88, 0x04, 0x00, 0x00]
).bytes

private func outcome(of code: String, _ address: MBusAddress) -> Replay.Outcome {
  var settings = MeterSettings(
    id: "heat", meterProtocol: .mbus, source: .tcp(host: "gw", port: 1), sourceText: "tcp://gw")
  settings.address = address
  var replay = Replay(meters: [settings], devices: [])
  return replay.decode(
    DeadLetter(
      time: WallTime(milliseconds: 1_795_172_401_250), meter: "heat", source: "tcp://gw", kind: .undecodable,
      stage: .framing, code: code, message: "", protocolName: "mbus", bytes: frame))
}

@Suite struct ReplayMBusTests {
  @Test("another meter's answer is not replayed as this meter's", arguments: ["other_meter", "several_meters"])
  func otherMeter(code: String) {
    for address in [.primary(0), .primary(254), .secondary([1, 0x70, 0x77, 0, 255, 255, 255, 255])] as [MBusAddress] {
      guard case .undecodable = outcome(of: code, address) else {
        Issue.record("replayed for \(address)")
        continue
      }
    }
  }

  @Test("it is replayed when its number has been configured", arguments: ["other_meter", "several_meters"])
  func correctedAddress(code: String) throws {
    guard case .decoded(let readings) = outcome(of: code, .secondary([2, 0x70, 0x77, 0, 255, 255, 255, 255])) else {
      Issue.record("not replayed")
      return
    }
    #expect(String(decoding: try #require(readings.first).document, as: UTF8.self).contains("1160"))
  }

  @Test("a late answer of the meter itself is replayed") func lateAnswer() {
    guard case .decoded = outcome(of: "late_answer", .primary(0)) else {
      Issue.record("not replayed")
      return
    }
  }
}
