import Testing
import TestSupport

@Test("a bus on which no meter answers is one line of the log and one condition in bridge/health")
func deadBus() throws {
  let broker = try Broker()
  let bridge = try RunningBridge(broker)
  let witness = try Witness(broker)
  // The only meter of the bus is not among those that are asked.
  try bridge.simulate("mbus-water,address=9=bus")
  let meters = (1...2).map {
    "  - {id: m\($0), protocol: mbus, source: $/bus, address: \($0), retries: 0, interval: 5s}"
  }
  try bridge.configure(meters.joined(separator: "\n"))
  try bridge.run()
  let text = "none of the 2 meters on this bus answers; is the level converter plugged in and powered"
  #expect(eventually { bridge.log.contains(text) }, "\(bridge.log)")
  #expect(
    eventually {
      witness.lines.contains {
        $0.hasPrefix("meterbridge/bridge/health ") && $0.contains("\"\(bridge.path("bus"))\":{\"condition\":\"silent\"")
      }
    }, "\(witness.lines.filter { $0.contains("health") })")
  bridge.end()
  #expect(bridge.log.split(separator: "\n").count { $0.contains("answer") } == 1, "\(bridge.log)")
  let availability = witness.lines.filter { $0.contains("/availability ") }
  #expect(!availability.isEmpty && availability.allSatisfy { $0.hasSuffix(" offline") })
}
