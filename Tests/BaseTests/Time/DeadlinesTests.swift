import Testing

@testable import Base

@Suite struct DeadlinesTests {
  private func at(_ milliseconds: Int64) -> Instant { Instant(milliseconds: milliseconds) }

  @Test("the earliest comes first, and equal times come in the order in which they were set") func order() {
    var deadlines = Deadlines()
    for (key, due) in [(4, 30), (1, 10), (7, 20), (2, 10)] { deadlines.set(key, at(Int64(due))) }
    #expect(deadlines.first == at(10))
    #expect(deadlines.popDue(at: at(9)) == nil)
    #expect(deadlines.takeDue(at: at(20)) == [1, 2, 7])
    #expect(deadlines.takeDue(at: at(29)).isEmpty)
    #expect(deadlines.takeDue(at: at(30)) == [4])
    #expect(deadlines.first == nil)
  }

  @Test("a time can be moved and taken back") func changes() {
    var deadlines = Deadlines()
    for key in 0..<5 { deadlines.set(key, at(Int64(10 * key))) }
    deadlines.set(0, at(35))
    deadlines.set(4, at(5))
    deadlines.set(2, nil)
    deadlines.set(9, nil)
    // The same time again keeps its turn.
    deadlines.set(1, at(10))
    #expect(deadlines.takeDue(at: at(100)) == [4, 1, 3, 0])
    deadlines.set(3, at(1))
    deadlines.removeAll()
    #expect(deadlines.first == nil)
  }

  @Test("it agrees with a sorted list, whatever is set and taken") func model() {
    var random = SplitMix64(seed: 7)
    var deadlines = Deadlines()
    var model: [Int: Int64] = [:]
    for _ in 0..<20_000 {
      let key = Int.random(in: 0..<50, using: &random)
      switch Int.random(in: 0..<4, using: &random) {
      case 0:
        deadlines.set(key, nil)
        model[key] = nil
      case 1:
        let now = Int64.random(in: 0..<300, using: &random)
        let taken = deadlines.takeDue(at: at(now))
        #expect(taken.map { model[$0] ?? -1 } == model.values.filter { $0 <= now }.sorted())
        for key in taken { model[key] = nil }
      default:
        let due = Int64.random(in: 0..<1000, using: &random)
        deadlines.set(key, at(due))
        model[key] = due
      }
      #expect(deadlines.first == model.values.min().map(at))
    }
  }
}
