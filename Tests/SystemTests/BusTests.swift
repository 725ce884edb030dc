import Testing
import TestSupport

@Test("on a bus each meter gets its own values, and those that are missing or too many are named")
func missingAndSeveralMeters() throws {
  let broker = try Broker()
  let bridge = try RunningBridge(broker)
  let witness = try Witness(broker)
  // Two buses as they are after the installation: everything is at address 0. The second answers after the first.
  let meters = ["mbus-water,address=0", "mbus-gas,address=0,delay=400"]
  try bridge.simulate(meters[0] + "=bus", meters[1] + "=bus", "mbus-multical303,selection=number=bus")
  try bridge.simulate(meters[0] + "=shared", meters[1] + "=shared")
  try bridge.configure(
    """
      - {id: water, protocol: mbus, source: $/bus, address: "71004711", interval: 2s}
      - {id: gas, protocol: mbus, source: $/bus, address: "34000815", interval: 2s}
      - {id: heat, protocol: mbus, source: $/bus, address: "830123452D2C4004", interval: 2s}
      - {id: cellar, protocol: mbus, source: $/bus, address: 77, interval: 2s}
      - {id: factory, protocol: mbus, source: $/shared, interval: 2s}
    """)
  try bridge.run()
  #expect(eventually { bridge.log.contains("3 of 4 meters answered; a round takes ") }, "\(bridge.log)")
  #expect(bridge.log.contains("missing: cellar\n"))
  #expect(bridge.log.contains("cellar: no answer after 4 tries"))
  let media = ["water": "water", "gas": "gas", "heat": "heat"]
  for (id, medium) in media {
    let readings = witness.lines.filter { $0.hasPrefix("meterbridge/\(id)/reading ") }
    #expect(!readings.isEmpty && readings.allSatisfy { $0.contains("\"medium\":\"\(medium)\"") })
  }
  #expect(
    eventually {
      bridge.log.contains(
        "factory: meters 71004711 and 34000815 answer at once; give each its secondary address: `address: 71004711`")
    }, "\(bridge.log)")
  let ofFactory = witness.lines.filter { $0.hasPrefix("meterbridge/factory/") }
  #expect(ofFactory.allSatisfy { $0.hasPrefix("meterbridge/factory/availability ") })
  #expect(bridge.deadLetters.contains("\"several_meters\""))
  bridge.end()
}

@Test("a meter is read at a speed of its own on a bus of 2400 baud, and one that cannot is read with the others")
func readoutSpeed() throws {
  let broker = try Broker()
  let bridge = try RunningBridge(broker)
  let witness = try Witness(broker)
  try bridge.simulate(
    "mbus-multical303,address=1,baud=2400=bus", "mbus-water,address=2,baud=2400=bus",
    "mbus-gas,address=3,baud=2400,locked=yes=bus")
  try bridge.configure(
    """
      - {id: heat, protocol: mbus, source: $/bus, address: 1, interval: 2s, readout_baud: 9600}
      - {id: water, protocol: mbus, source: $/bus, address: 2, interval: 2s}
      - {id: gas, protocol: mbus, source: $/bus, address: 3, interval: 2s, readout_baud: 9600, retries: 0}
    """, more: "log_level: debug")
  try bridge.run()
  for id in ["heat", "water", "gas"] {
    let topic = "meterbridge/\(id)/reading "
    #expect(eventually { witness.lines.count { $0.hasPrefix(topic) } >= 2 }, "\(id): \(bridge.log)")
  }
  let refusal = "gas: no answer at 9600 baud (`readout_baud`)"
  #expect(bridge.log.split(separator: refusal).count == 2, "\(bridge.log)")
  #expect(!bridge.log.contains("heat: no answer"))
  #expect(bridge.log.contains("line settings 9600 8E1") && bridge.log.contains("line settings 2400 8E1"))
  bridge.end()
}
