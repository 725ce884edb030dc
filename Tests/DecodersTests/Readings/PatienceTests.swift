import Testing

@testable import Decoders

@Suite struct PatienceTests {
  private var patience = Patience()

  /// Of so many strangers those that are learnt.
  private mutating func learnt(of count: Int) -> [Int] { (1...count).filter { _ in patience.meetsStranger() } }

  @Test("where nothing comes again, ever less is learnt; what comes again makes it more")
  mutating func seldom() {
    let first = learnt(of: 200)
    #expect(first == [2, 6, 14, 30, 62, 126, 190])
    patience.meetsKnown()
    let then = learnt(of: 22)
    #expect(then == [22])
    for _ in 0..<6 { patience.meetsKnown() }
    let last = learnt(of: 7)
    #expect(last == [2, 6])
  }
}
