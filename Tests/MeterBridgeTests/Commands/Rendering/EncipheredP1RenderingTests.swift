import Foundation
import Testing

@testable import MeterBridge
@testable import Meters

@Test("the text of a P1 port in a DLMS envelope prints as P1, whichever protocol is named", arguments: ["p1", "dlms"])
func envelopePrintsAsP1(name: String) throws {
  let file = URL(filePath: #filePath).deletingLastPathComponent().appending(
    path: "../../../Samples/p1/luxembourg-enciphered.sample")
  let telegram = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
    .filter { $0.hasPrefix("telegram: ") }.map { $0.dropFirst("telegram: ".count) }.joined()
  let meterProtocol = try #require(ProtocolDescription(named: name))
  var settings = MeterSettings(id: "grid", meterProtocol: meterProtocol, source: .standardInput, sourceText: "-")
  settings.key = try MeterKey("000102030405060708090A0B0C0D0E0F")
  var command = DecodeCommand(settings: settings)
  command.meterProtocol = meterProtocol
  let results = command.decode(Array(telegram.utf8))
  #expect(results.count == 1)
  let json = try #require(results.first).json
  #expect(json.contains(#""header":{"identification":"#))
  #expect(json.contains(#"{"obis":"1-0:1.8.0*255","value":"#))
}
