import Testing

@testable import Decoders

@Suite struct DLMSHabitTests {
  /// A list of so many powers.
  private func list(_ count: UInt8) -> [UInt8] {
    let elements = (0..<count).flatMap { [AXDR.code(1, 0, 1, 7, $0), AXDR.uint32(5), AXDR.scaler(0, 27)] }
    return DLMSBuilder.notification(AXDR.structure(elements))
  }

  /// The numbers of values of the remembered lists.
  private func known(after lists: [[UInt8]]) -> [Int] {
    var decoder = DLMSDecoder()
    for list in lists { _ = DLMSOutcome(list, &decoder) }
    return decoder.habit.lists.map(\.records.count)
  }

  @Test("the second list is learnt, and others that come again beside it") func several() {
    #expect(known(after: [list(1)]) == [])
    #expect(known(after: [list(1), list(1)]) == [1])
    #expect(known(after: [list(1), list(1), list(2), list(1), list(2)]) == [2, 1])
    #expect(known(after: [list(1), list(1), list(2), list(1), list(2), list(1)]) == [1, 2])
    let turns = (0..<6).flatMap { _ in [list(1), list(2), list(3)] }
    #expect(Set(known(after: turns)) == [1, 2, 3])
  }

  @Test("what is remembered is bounded in number and size") func bounds() {
    let many = (1...6).flatMap { count in (0..<100).map { _ in list(count) } }
    #expect(known(after: many) == [6, 5, 4])
    #expect(known(after: [list(30), list(30)]) == [30])
    // Two of 30 have more than 1024 bytes.
    #expect(known(after: [list(30), list(30), list(29), list(29), list(29), list(29)]) == [29])
    #expect(known(after: [list(60), list(60)]) == [])
  }
}
