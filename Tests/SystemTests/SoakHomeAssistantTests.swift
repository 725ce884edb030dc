import Foundation
import Glibc
import Testing
import TestSupport

/// A real Home Assistant takes what discovery says, in every form.
@Suite(.serialized, .enabled(if: Soak.minutes != nil && geteuid() == 0 && HomeAssistant.isThere))
struct SoakHomeAssistantTests {
  @Test("every form of discovery makes the same entities, and a change of the form keeps them")
  func formsOfDiscovery() throws {
    let broker = try Broker()
    let bridge = try RunningBridge(broker)
    try bridge.simulate("p1-nl=p1", "mbus-multical303=heat", speed: 1)
    func run(_ form: String) throws {
      bridge.end()
      try bridge.configure(
        """
          - {id: grid, name: Electricity, protocol: p1, source: $/p1}
          - {id: heat, protocol: mbus, source: $/heat}
        """, more: "home_assistant: {discovery: \(form)}")
      try bridge.run()
    }
    try run("device")
    let home = try HomeAssistant(broker: broker.port)
    let power = "sensor.grid_power"
    #expect(eventually { Double(home.value("{{ states('\(power)') }}")) != nil }, "\(home.log)")
    #expect(eventually { home.entities.contains("sensor.heat_energy") && home.entities.count > 20 })
    let entities = home.entities
    let device = home.value("{{ device_id('\(power)') }}")
    #expect(entities.contains("sensor.grid_gas_volume"))
    #expect(!home.log.contains("components.mqtt"), "\(home.log)")

    for form in ["classic", "both", "device"] {
      try run(form)
      let started = "{{ as_timestamp(states('sensor.meterbridge_bridge_started')) | int }}"
      let now = Int(Date.now.timeIntervalSince1970) - 2
      #expect(eventually { Int(home.value(started)).map { $0 >= now } == true }, "\(form): \(home.log)")
      #expect(eventually { Double(home.value("{{ states('\(power)') }}")) != nil }, "\(form)")
      #expect(home.entities == entities, "\(form)")
      #expect(home.value("{{ device_id('\(power)') }}") == device, "\(form)")
      // Clearing the topics of the form before is told, though nothing comes of it: as a conflict, or for a disabled entity as
      // an empty message that is ignored.
      let lines = home.log.split(separator: "\n").filter { $0.contains("components.mqtt") }
      let told = [
        "Received a conflicting MQTT discovery message", "Ignoring empty MQTT discovery payload for disabled",
      ]
      #expect(lines.allSatisfy { line in told.contains { line.contains($0) } }, "\(home.log)")
    }
  }
}
