import Testing

@testable import Decoders
@testable import Documents
@testable import Meters

@Suite struct MeterStoreChangesTests {
  @Test("a reader finds the meters that changed since it looked last, however long ago that is") func changes() {
    var harness = StoreHarness("a", "b", "c")
    var looked = harness.store.change
    func changed() -> [String] {
      defer { looked = harness.store.change }
      return harness.store.changed(since: looked).map { harness.store.meters[$0].id }
    }
    #expect(harness.store.changed(since: -1).count == 3)
    #expect(changed().isEmpty)
    harness.send("c", [(.power, "1")])
    harness.send("a", [(.power, "1")])
    harness.send("c", [(.power, "2")])
    #expect(changed() == ["a", "c"])
    harness.send("b", [(.power, "1")])
    #expect(changed() == ["b"])
    // Further back than the store remembers the order of changes.
    harness.send("b", [(.power, "2")])
    for turn in 0..<1000 { harness.send("a", [(.power, "\(turn)")]) }
    #expect(changed() == ["a", "b"])
    // A new meter moves the places of others.
    let gas = Device(id: "a_gas", parent: "a", medium: .gas, protocolName: "p1")
    harness.send("c", [(.power, "3")])
    harness.send("a_gas", [(FieldKey(.volume), "1")], device: gas)
    #expect(changed() == ["a_gas", "c"])
    harness.send("c", [(.power, "4")])
    #expect(changed() == ["c"])
  }
}
