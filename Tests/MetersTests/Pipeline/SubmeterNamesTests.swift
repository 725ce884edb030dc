import Decoders
import Testing
import TestSupport

@testable import Base
@testable import Meters

struct SubmeterNamesTests {
  private func meter(_ serial: String?, _ medium: Medium = .gas) -> Reading {
    var reading = Reading(meter: MeterIdentity(medium: medium))
    if let serial { reading.meter.number = .text(reading.keep(serial.utf8)) }
    return reading
  }

  @Test("the first sub-meter of a medium has no number")
  func firstOfMedium() {
    var names = SubmeterNames(parent: "grid", devices: [])
    let ids = names.ids(for: [meter("a"), meter("b"), meter("c", .water)])
    #expect(ids == ["grid_gas", "grid_gas_2", "grid_water"])
  }

  @Test("a sub-meter that is missing once keeps its name")
  func missingSubMeter() {
    var names = SubmeterNames(parent: "grid", devices: [])
    _ = names.ids(for: [meter("a"), meter("b")])
    let ids1 = names.ids(for: [meter("b")])
    #expect(ids1 == ["grid_gas_2"])
    let ids2 = names.ids(for: [meter("b"), meter("a")])
    #expect(ids2 == ["grid_gas_2", "grid_gas"])
  }

  @Test("an exchanged sub-meter takes over the name")
  func exchangedSubMeter() {
    var names = SubmeterNames(parent: "grid", devices: [])
    _ = names.ids(for: [meter("a")])
    let ids3 = names.ids(for: [meter("new")])
    #expect(ids3 == ["grid_gas"])
  }

  @Test("an id tells the meter behind which it may be, also among a thousand") func owners() {
    let meters = Set((0..<1000).map { "meter_\($0)" })
    for known in ["meter_7_gas", "meter_7_gas_2", "meter_7_water"] {
      #expect(SubmeterNames.owner(of: known, among: meters) == "meter_7")
    }
    let strange = ["meter_7", "meter_1000", "meter_7_", "meter_7_x", "meter_7_gas_x", "meter", "gas", "meter_7gas"]
    #expect(strange.compactMap { SubmeterNames.owner(of: $0, among: meters) } == [])
  }

  @Test("names survive a restart")
  func rememberedNames() {
    let devices = ["a", "b"].enumerated().map { index, serial in
      Device(
        id: index == 0 ? "grid_gas" : "grid_gas_2", parent: "grid", serial: serial, medium: .gas, protocolName: "p1")
    }
    var names = SubmeterNames(parent: "grid", devices: devices)
    let ids4 = names.ids(for: [meter("b"), meter("a")])
    #expect(ids4 == ["grid_gas_2", "grid_gas"])
  }
}
