import Foundation
import Glibc
import Testing
import TestSupport

@testable import Base
@testable import Platform

@Test("a flood of read requests does not empty a meter's battery")
func readFlood() throws {
  let broker = try Broker()
  let bridge = try RunningBridge(broker)
  let witness = try Witness(broker)
  try bridge.simulate("mbus-water=bus")
  try bridge.configure(
    "  - {id: water, protocol: mbus, source: $/bus, address: 1, interval: 15m, min_interval: 0s}")
  try bridge.run()
  func readouts() -> Int { witness.lines.count { $0.hasPrefix("meterbridge/water/reading ") } }
  try #require(eventually { readouts() == 1 })
  let lines = bridge.log.split(separator: "\n").count
  let flooder = try MQTTFlooder(broker)
  let end = Clock.now() + .seconds(12)
  while Clock.now() < end {
    for _ in 0..<50 { flooder.publish("meterbridge/water/read", Array("1".utf8)) }
    // The flood: a thousand a second for twelve seconds, not all at once.
    usleep(50_000)
  }
  // The first one is the program's own, five are at hand, and one comes each 90 s.
  #expect((2...7).contains(readouts()), "\(readouts()) readouts")
  #expect(bridge.log.split(separator: "\n").count - lines < 10, "\(bridge.log)")
  bridge.end()
}

@Test("floods of orders for a meter that pushes cost neither lines of the log nor writes")
func acceptFlood() throws {
  let broker = try Broker()
  let bridge = try RunningBridge(broker)
  let witness = try Witness(broker)
  let meter = try ScriptedMeter(in: bridge)
  try bridge.configure("  - {id: grid, protocol: p1, source: $/port, min_interval: 0s}")
  try bridge.run()
  try #require(meter.awaitListener())
  meter.send()
  try #require(eventually { witness.numbers("grid") == [1] })
  let lines = bridge.log.split(separator: "\n").count
  // Each write makes a new file.
  func file() -> UInt64 {
    var status = stat()
    return unsafe stat(bridge.path("state/state.json"), &status) == 0 ? UInt64(status.st_ino) : 0
  }
  let flooder = try MQTTFlooder(broker)
  var files: [UInt64] = [file()]
  for _ in 0..<50 {
    for topic in ["accept", "read"] {
      for _ in 0..<100 { flooder.publish("meterbridge/grid/\(topic)", Array("1".utf8)) }
    }
    meter.send()
    // The flood: ten rounds a second, beside a meter that goes on.
    usleep(100_000)
    if file() != files.last { files.append(file()) }
  }
  #expect(eventually { withoutRepeats(witness.numbers("grid")) == meter.sent })
  #expect(files.count <= 2, "written \(files.count - 1) times in 5 s")
  #expect(bridge.log.split(separator: "\n").count - lines < 10, "\(bridge.log.suffix(2000))")
  bridge.end()
}
