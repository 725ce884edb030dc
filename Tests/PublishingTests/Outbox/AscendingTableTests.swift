import Testing

@testable import Publishing

@Suite struct AscendingTableTests {
  @Test("values are set, changed in place and taken by their keys")
  func content() {
    var table = AscendingTable<String>()
    for key in [1, 2, 3, 5, 8, 13] { table[key] = "\(key)" }
    #expect([1, 2, 3, 5, 8, 13].allSatisfy { table[$0] == "\($0)" })
    #expect([0, 4, 14].allSatisfy { table[$0] == nil })
    table[5]?.append("!")
    table[4]?.append("!")
    #expect(table[5] == "5!" && table[4] == nil)
    #expect(table.removeValue(forKey: 3) == "3" && table.removeValue(forKey: 3) == nil)
    table[8] = nil
    #expect(table[3] == nil && table[8] == nil && table[13] == "13" && table[2] == "2")
  }

  @Test("a key before others finds its place")
  func order() {
    var table = AscendingTable<Int>()
    for key in [4, 2, 9, 1, 3] { table[key] = key }
    #expect((0...10).filter { table[$0] == $0 } == [1, 2, 3, 4, 9])
  }
}
