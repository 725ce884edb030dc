import Decoders

@testable import Base
@testable import MeterBridge
@testable import Meters
@testable import MQTT
@testable import Platform
@testable import Publishing
@testable import Simulator

/// Reads a file for `decode`, with every protocol and with the recognised one, and a web server's response.
func checkPage(_ input: [UInt8]) {
  var isGood: [ProtocolDescription?: Bool] = [:]
  for meterProtocol in [nil] + ProtocolDescription.all.map(Optional.some) {
    var command = DecodeCommand(settings: meter(meterProtocol ?? .p1))
    command.meterProtocol = meterProtocol
    let results = command.decode(input)
    precondition(!results.isEmpty, "silence")
    for result in results {
      requireObject(result.json.utf8)
      precondition(!result.table.isEmpty, "silence")
    }
    isGood[meterProtocol] = results.allSatisfy(\.isGood)
  }
  do throws(SourceError) {
    let telegram = try HTTPBody.telegram(in: input, of: "http://meter.lan/telegram")
    precondition(telegram.count <= input.count, "more than the page has")
  } catch {
    precondition(!error.reason.isEmpty && error.reason.utf8.count < 1000, "no words")
  }
}
