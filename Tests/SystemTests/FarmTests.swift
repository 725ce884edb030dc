import Testing
import TestSupport

@Test("a farm of meters is read, is lost at a stroke, and is read again")
func farmComesAndGoes() throws {
  let broker = try Broker()
  let bridge = try RunningBridge(broker)
  let count = 60
  let meters = (1...count).map { "  - {id: m\($0), protocol: p1, source: $/farm\($0 == 1 ? "" : "-\($0)")}" }
  try bridge.configure(meters.joined(separator: "\n"), more: "log_level: error")
  let witness = try Witness(broker)
  try bridge.run()
  /// The meters and sub-meters whose last availability is this.
  func all(_ availability: String) -> Bool {
    let told = witness.lines.filter { $0.hasPrefix("meterbridge/m") && $0.contains("/availability ") }
    let last = Dictionary(told.map { ($0.prefix { $0 != " " }, $0) }, uniquingKeysWith: { $1 })
    return last.count == 2 * count && last.values.allSatisfy { $0.hasSuffix(" \(availability)") }
  }
  for _ in 0..<2 {
    let farm = try bridge.simulate("p1-nl*\(count)=farm")
    #expect(eventually { all("online") }, "\(bridge.log)")
    farm.end()
    #expect(eventually { all("offline") }, "\(bridge.log)")
  }
  bridge.end()
}
