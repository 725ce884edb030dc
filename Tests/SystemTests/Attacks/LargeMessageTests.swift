import Foundation
import Glibc
import Testing
import TestSupport

@testable import Base
@testable import Platform

private let size = 100 << 20

/// The most memory that a program has while a test goes on: RssAnon in kB, looked at every few milliseconds.
private final class MemoryWatch: Sendable {
  private let isOver = Shared(false)
  private let highest = Shared(0)

  init(_ process: pid_t) throws {
    let (isOver, highest) = (isOver, highest)
    try #require(
      Thread.start {
        while !isOver.current {
          let now = kilobytes("RssAnon", of: process)
          highest.change { $0 = max($0, now) }
          // The kernel keeps a peak of the whole memory only, not of this part.
          usleep(2_000)
        }
      })
  }

  var peak: Int { highest.current }

  deinit { isOver.change { $0 = true } }
}

private func kilobytes(_ name: String, of process: pid_t) -> Int {
  let text = (try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)) ?? ""
  let line = text.split(separator: "\n").first { $0.hasPrefix("\(name):") }
  return line.flatMap { Int($0.filter(\.isNumber)) } ?? 0
}

private func scene() throws -> (broker: Broker, bridge: RunningBridge, witness: Witness) {
  let broker = try Broker("max_queued_messages 100000")
  let bridge = try RunningBridge(broker)
  try bridge.simulate("mbus-multical303=bus")
  try bridge.configure("  - {id: heat, protocol: mbus, source: $/bus, address: 1, interval: 15m}")
  return (broker, bridge, try Witness(broker))
}

@Test(
  "a large message on a topic that the program listens to costs no memory",
  .disabled(if: isSanitized, "a sanitizer keeps memory of its own"))
func largeMessage() throws {
  let (broker, bridge, witness) = try scene()
  try bridge.run()
  func readouts() -> Int { witness.lines.count { $0.hasPrefix("meterbridge/heat/reading ") } }
  try #require(eventually { readouts() == 1 })
  let flooder = try MQTTFlooder(broker)
  flooder.publish("meterbridge/heat/read", Array("1".utf8))
  try #require(eventually { readouts() == 2 })
  let daemon = try #require(bridge.daemon)
  let before = daemon.kilobytes("RssAnon")
  let watch = try MemoryWatch(daemon.id)
  for topic in ["meterbridge/heat/read", "meterbridge/heat/accept", "homeassistant/status"] {
    #expect(flooder.publish(topic, zeros: size), "\(topic)")
  }
  // The broker has passed on everything before it.
  flooder.publish("meterbridge/heat/read", Array("1".utf8))
  #expect(eventually { readouts() >= 3 })
  #expect(watch.peak - before < 1024, "\(before) kB, then \(watch.peak) kB; \(bridge.log)")
  bridge.end()
}

@Test(
  "a large retained message costs no memory and no connection",
  .disabled(if: isSanitized, "a sanitizer keeps memory of its own"))
func largeRetainedMessage() throws {
  let (broker, bridge, witness) = try scene()
  let flooder = try MQTTFlooder(broker)
  for topic in ["meterbridge/heat/read", "homeassistant/status"] {
    #expect(flooder.publish(topic, zeros: size, isRetained: true), "\(topic)")
  }
  try bridge.run()
  let daemon = try #require(bridge.daemon)
  let watch = try MemoryWatch(daemon.id)
  #expect(eventually { witness.lines.contains { $0.hasPrefix("meterbridge/heat/reading ") } })
  flooder.publish("meterbridge/heat/read", Array("1".utf8))
  #expect(eventually { witness.lines.count { $0.hasPrefix("meterbridge/heat/reading ") } >= 2 })
  #expect(watch.peak < 16 * 1024, "\(watch.peak) kB; \(bridge.log)")
  #expect(bridge.log.split(separator: "\n").count { $0.contains("connected to broker") } == 1, "\(bridge.log)")
  bridge.end()
}
