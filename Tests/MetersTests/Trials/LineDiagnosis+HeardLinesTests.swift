import Decoders
import Testing
import TestSupport

@testable import Base
@testable import Meters

private let fast = LineSettings(baud: 115_200, dataBits: 8, parity: .none, stopBits: 1)
private let slow = LineSettings(baud: 2400, dataBits: 8, parity: .even, stopBits: 1)
private let port = SourceAddress.serial(path: "/dev/x")
private let gateway = SourceAddress.tcp(host: "gateway", port: 10_001)
private let telegram = p1Telegram("0-0:96.1.1(45303031)", "1-0:1.7.0(00.472*kW)")

private func heard(_ bytes: [UInt8], damaged: [Int] = [], with line: LineSettings = fast) -> HeardLine {
  var heard = HeardLine(line)
  heard.append(LineInput(bytes: bytes, damaged: damaged))
  return heard
}

private func finding(_ heard: HeardLine...) -> LineDiagnosis.Finding? { LineDiagnosis.Finding(heard) }

/// The byte with a bit on top that makes the number of ones even.
private func withEvenParity(_ byte: UInt8) -> UInt8 { byte.nonzeroBitCount % 2 == 0 ? byte : byte | 0x80 }

@Test("seven bits of data and a parity bit that are read as eight are recognised")
func parityReadAsData() {
  let bytes = telegram.map(withEvenParity)
  #expect(finding(heard(bytes)) == .parityAsData(.p1))
  #expect("\(LineDiagnosis.Finding.parityAsData(.p1))".contains("7E1"))
}

@Test("good bytes that the port marks as damaged have another parity")
func wrongParity() throws {
  let bytes = try sampleBytes("dlms/kaifa-ma309m-plain")
  let wrong = heard(bytes, damaged: bytes.indices.filter { bytes[$0].nonzeroBitCount % 2 == 1 }, with: slow)
  #expect(finding(heard([0x80, 0xF0]), wrong) == .otherParity(.dlms, slow))
  #expect("\(LineDiagnosis.Finding.otherParity(.dlms, slow))".contains("`line: 2400 8N1`"))
  #expect("\(LineDiagnosis.Finding.otherParity(.dlms, fast))".contains("`line: 115200 8E1`"))
}

@Test("an inverted line is recognised with any of the settings", arguments: [UInt8(0xFF), 0x7F])
func invertedBytes(mask: UInt8) {
  #expect(finding(heard([1, 2, 3]), heard(telegram.map { ~$0 & mask }, with: slow)) == .inverted)
}

@Test("a line that never rests sends only breaks")
func lowLine() {
  #expect(finding(heard([0], damaged: [0]), heard([0, 0], damaged: [0, 1], with: slow)) == .heldLow)
  #expect(finding(heard([0, 0], damaged: [0])) != .heldLow)
}

@Test("damage is told from sound bytes that are no telegram, and both from silence")
func otherNoise() {
  let noise = (0..<160).map { UInt8(truncatingIfNeeded: $0 * 37) }
  #expect(finding(heard(noise, damaged: Array(0..<20))) == .framingErrors(bytes: 160, damaged: 20))
  #expect(finding(heard(noise, damaged: Array(0..<19))) == .noTelegram(bytes: 160))
  #expect(finding(HeardLine(fast), HeardLine(slow)) == nil)
  #expect(finding() == nil)
}

@Test("silence names the cable or the gateway, and only protocols that would have been heard")
func silentSource() {
  let unasked = LineDiagnosis.Finding.silence(on: port, wasAsked: false)
  #expect(unasked.first == "\(LineDiagnosis.Finding.silentPort)")
  #expect(unasked.contains { $0.hasPrefix("P1: ") && $0.contains("request line") })
  #expect(!unasked.contains { $0.hasPrefix("M-Bus: ") })
  let asked = LineDiagnosis.Finding.silence(on: gateway, wasAsked: true)
  #expect(asked.first == "\(LineDiagnosis.Finding.silentGateway)")
  #expect(asked.contains { $0.hasPrefix("M-Bus: ") } && asked.contains { $0.hasPrefix("ECHONET Lite: ") })
}

@Test("only the last bytes are kept, and all are counted")
func boundOfHeardBytes() {
  var line = HeardLine(fast)
  for _ in 0..<100 { line.append(LineInput(bytes: [UInt8](repeating: 0x55, count: 4096))) }
  #expect(line.count == 409_600)
  #expect(line.bytes.count == Limits.diagnosedBytes)
}
