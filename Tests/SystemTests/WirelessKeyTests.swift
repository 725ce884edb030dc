import Decoders
import Testing
import TestSupport

@testable import Base
@testable import Meters
@testable import Simulator

/// Mode 5, the extended link layer, and mode 7.
private let models = [SimulatedWirelessMeter.Model.water, .compactWater, .heat]
private let rounds = 12

/// The telegrams of the meters in turn, as lines.
private func lines(_ meters: inout [SimulatedWirelessMeter]) -> [[UInt8]] {
  (0..<rounds).flatMap { round in
    meters.indices.map { index in
      let time = WallTime(milliseconds: 1_790_000_000_000 + Int64(round) * 16_000)
      return Array("\(Hexadecimal.text(meters[index].telegram(at: time)))\n".utf8)
    }
  }
}

@Test("a key off by one digit publishes nothing, and every telegram is kept until the right one brings them out")
func keysOffByOneDigit() throws {
  var meters = models.map { SimulatedWirelessMeter($0, ordinal: 0, cipher: WirelessCipher(nil), seed: 3) }
  let sent = lines(&meters)
  let gateway = try Gateway { client in
    for line in sent { client.send(line) }
    client.pause(milliseconds: 30_000)
  }
  let broker = try Broker()
  let bridge = try RunningBridge(broker)
  func configure(isRight: Bool) throws {
    let entries = meters.indices.map { index in
      let key = Hexadecimal.text(meters[index].key?.reveal ?? [])
      let written = isRight ? key : key.dropLast() + (key.last == "0" ? "1" : "0")
      return "  - {id: m\(index), protocol: wmbus, source: 'tcp://127.0.0.1:\(gateway.port)', "
        + "address: '\(meters[index].identity.serial)', key: '\(written)'}"
    }
    try bridge.configure(entries.joined(separator: "\n"))
  }
  try configure(isRight: false)
  let subscriber = try Subscriber(to: broker)
  try bridge.run()
  func letters() -> [Substring] { bridge.deadLetters.split(separator: "\n") }
  #expect(eventually { letters().count >= sent.count }, "\(bridge.log)")
  bridge.end()
  // All that went out before has been heard then.
  #expect(subscriber.eventually { $0.last("meterbridge/bridge/state") == "offline" })
  #expect(letters().count == sent.count && letters().allSatisfy { $0.contains("wrong_key") })
  for index in meters.indices {
    let own = "meterbridge/m\(index)/"
    #expect(subscriber.topics.filter { $0.hasPrefix(own) }.isSubset(of: ["\(own)availability"]))
    let told = bridge.log.split(separator: "\n").filter { $0.contains("m\(index)") && $0.contains("key") }
    #expect(told.count == 1, "\(told)")
  }

  try configure(isRight: true)
  #expect(try bridge.command("dead-letter", "replay") == 0)
  #expect(
    subscriber.eventually { now in
      meters.indices.allSatisfy { index in
        now.messages.count { $0.topic == "meterbridge/m\(index)/reading" } == rounds
      }
    }, "\(bridge.log)")
}
