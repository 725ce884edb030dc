import Decoders
import Testing

@testable import Base
@testable import MeterBridge

/// `count` meters on one bus; the last one again with a wildcard if told so.
private func bus(of count: Int, andWildcard: Bool = false) -> String {
  let lines = (0..<count).map { number in
    let digits = String(number, width: 8, radix: 10)
    return "  - {id: m\(number), protocol: mbus, source: 'tcp://a:1', address: '\(digits)'}\n"
  }
  let more = "  - {id: other, protocol: mbus, source: 'tcp://a:1', address: '0000999F'}\n"
  return "limits: {meters: \(Limits.mostMeters)}\nmeters:\n" + lines.joined() + (andWildcard ? more : "")
}

@Test("ten thousand addresses on a bus are not compared in pairs")
func tenThousandMeters() throws {
  var meters = 0
  let time = try ContinuousClock().measure { meters = try configuration(bus(of: Limits.mostMeters)).meters.count }
  #expect(meters == Limits.mostMeters)
  // A debug build takes 0.6 s on a free machine; pairs took a minute.
  #expect(time < .seconds(15), "\(time)")
}

@Test("an address that others answer to is found among thousands")
func sharedAddressAmongMany() {
  let found = mistakes(bus(of: Limits.mostMeters - 1, andWildcard: true))
  #expect(found.count == 1 && found[0].hasSuffix("the meter in line 9993 answers to this address too"), "\(found)")
}
