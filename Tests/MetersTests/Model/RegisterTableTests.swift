import Decoders
import Testing

@testable import Base
@testable import Meters

@Suite struct RegisterTableTests {
  private func total(_ value: Int64) -> GuardedTotal {
    let moment = GuardedTotal.Moment(wall: WallTime(milliseconds: 0))
    return GuardedTotal(unit: .kilowattHour, believed: GuardedTotal.Sighting(value: FixedDecimal(value), at: moment))
  }

  @Test("totals are set, changed and taken by their keys, and equal tables need not have one order") func content() {
    var table: RegisterTable<String> = ["a": total(1), "b": total(2)]
    table["c"] = total(3)
    table["a"] = total(4)
    table["d"] = nil
    #expect(table.count == 3 && Set(table.keys) == ["a", "b", "c"])
    #expect(table["a"] == total(4) && table["d"] == nil)
    #expect(table == ["c": total(3), "b": total(2), "a": total(4)])
    #expect(table.removeValue(forKey: "b") == total(2) && table.removeValue(forKey: "b") == nil)
    table["c"] = nil
    #expect(table == ["a": total(4)] && table != ["a": total(5)] && table != [:])
  }

  @Test("a total takes 64 bytes, and 64 more while a value of it is held back")
  func room() {
    #expect(MemoryLayout<GuardedTotal>.stride <= 64)
    #expect(MemoryLayout<GuardedTotal.Held>.stride <= 64)
  }
}
