import Testing
import TestSupport

@testable import Base
@testable import MeterBridge
@testable import Meters
@testable import Platform

private let telegram = Array("/XYZ5TEST\r\n\r\n0-0:96.1.1(45303031)\r\n1-0:1.7.0(00.472*kW)\r\n!\r\n".utf8)

private func instant(_ seconds: Int64) -> Instant { Instant(milliseconds: seconds * 1000) }

/// Brings bytes to a trial at a time.
private func bring(_ bytes: [UInt8], from port: TestPort, to trial: inout PortTrial, at now: Instant) throws {
  port.write(bytes)
  awaitBytes(at: try #require(trial.interest?.descriptor))
  trial.service(.readable, now: now)
}

@Test("the walk sets the speed of the port, and the result has the settings of the telegram")
func walkOverAPort() throws {
  let port = try TestPort()
  var trial = PortTrial(.serial(path: port.path), time: .seconds(10), now: instant(0))
  #expect(SerialRate.current(of: port.cable) == 115_200)
  try bring([0x80, 0x00, 0xF8], from: port, to: &trial, at: instant(2))
  trial.service([], now: instant(10))
  #expect(SerialRate.current(of: port.cable) == 9600)
  try bring(telegram, from: port, to: &trial, at: instant(12))
  trial.service([], now: instant(13))
  guard case .found(let finding, let line) = trial.result else {
    Issue.record("\(String(describing: trial.result))")
    return
  }
  #expect(finding.meterProtocol == .p1 && finding.version == "2.2 or 3" && "\(line)" == "9600 7E1")
  #expect(trial.interest == nil && trial.deadline == nil)
}

@Test("a port without a byte is silent after the first settings, and one with noise is explained after the last")
func endsOfATrial() throws {
  let port = try TestPort()
  var silent = PortTrial(.serial(path: port.path), time: .seconds(10), now: instant(0))
  silent.service([], now: instant(10))
  #expect(silent.result == .silence)
  var noisy = PortTrial(.serial(path: port.path), time: .seconds(10), now: instant(20))
  try bring([1, 2, 3], from: port, to: &noisy, at: instant(21))
  for step in 3...12 where noisy.result == nil { noisy.service([], now: instant(Int64(step) * 10)) }
  #expect(noisy.result == .noise(.noTelegram(bytes: 3)))
  var missing = PortTrial(.serial(path: "/nowhere"), time: .seconds(10), now: instant(0))
  missing.service([], now: instant(1))
  guard case .failed(let reason) = missing.result else {
    Issue.record("\(String(describing: missing.result))")
    return
  }
  #expect(reason.contains("is not there"))
}
