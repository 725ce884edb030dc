import Testing
import TestSupport

@testable import Base
@testable import MeterBridge
@testable import Meters

private let mistakes: [WrongConfiguration] = [
  .meter(
    "receiver: nanocul", protocol: "wmbus",
    "15: `nanocul` is not one of auto, im871a, amb8465, cul, rc1180, lines, frames; did you mean `cul`?"),
  .meter("receiver: cul", protocol: "d0", "5: `receiver` is for wireless M-Bus meters; this one speaks d0"),
  .meter("mode: t1", protocol: "mbus", "5: `mode` is for D0 meters and wireless M-Bus meters; this one speaks mbus"),
  .meter("mode: t1", protocol: "d0", "11: `t1` is not a mode of a D0 meter: auto, push, a, b, c"),
  .meter(
    "mode: push", protocol: "wmbus",
    "11: `push` is not a mode of a receiver of wireless M-Bus: c1+t1, c1, t1, s1, n1a"),
  WrongConfiguration(
    """
    meters:
      - {id: a, protocol: wmbus, source: /dev/ttyUSB0, address: 70112233, mode: t1}
      - {id: b, protocol: wmbus, source: /dev/ttyUSB0, address: 70112234, mode: c1, receiver: cul}

    """, "3:77: the meter in line 2 has another `mode` for the same source"),
]

@Test("a receiver and its mode are the source's: meters that name none have those of the others")
func receiverOfSharedSource() throws {
  let folder = try TemporaryFolder()
  try folder.write(
    """
    meters:
      - {id: a, protocol: wmbus, source: /dev/ttyUSB0, address: 70112233}
      - {id: b, protocol: wmbus, source: /dev/ttyUSB0, address: 70112234, receiver: im871a, mode: c1+t1}
      - {id: c, protocol: wmbus, source: /dev/ttyUSB1}
      - {id: d, protocol: d0, source: /dev/ttyUSB2, mode: push}
    """, to: "m.yaml")
  let meters = try Configuration.read(path: folder.path("m.yaml"), environment: [:]).meters
  var named = WirelessReception()
  (named.receiver, named.mode) = (.im871a, .both)
  #expect(meters.map(\.reception) == [named, named, WirelessReception(), WirelessReception()])
  #expect(meters[3].opticalPort.mode == .push)
}

@Test("mistakes about receivers are named", arguments: mistakes)
func receiverMistakes(_ mistake: WrongConfiguration) throws {
  let folder = try TemporaryFolder()
  try folder.write(mistake.text, to: "m.yaml")
  do throws(ConfigurationError) {
    _ = try Configuration.read(path: folder.path("m.yaml"), environment: [:])
    Issue.record("no mistake")
  } catch {
    #expect(error.lines.map { $0.replacing("\(folder.path)/", with: "") } == mistake.lines)
  }
}
