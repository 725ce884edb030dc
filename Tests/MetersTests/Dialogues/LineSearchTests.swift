import Testing

@testable import Meters

struct LineSearchTests {
  private let usual = ProtocolDescription.dlms.line
  private let other = ProtocolDescription.dlms.otherLines

  @Test("other settings are tried in turn while no frame is found") func triedInTurn() {
    var search = LineSearch(usual, others: other)
    let answers = [300, 300, 300, 300, 1000, 8, 8, 8].map { search.missed($0) }
    #expect(answers == [false, false, false, true, false, false, false, true])
    #expect(search.line == usual)
  }

  @Test("settings that fit are kept") func settingsKept() {
    var search = LineSearch(usual, others: other)
    let before = (0..<4).map { _ in search.missed(300) }
    search.found()
    let after = (0..<9).map { _ in search.missed(300) }
    #expect(before.last == true && !after.contains(true))
    #expect(search.line == other[0])
  }

  @Test("the rest of a telegram is not a reason to change") func restOfTelegram() {
    var search = LineSearch(usual, others: other)
    let answer = search.missed(16_000)
    #expect(!answer)
  }

  @Test("configured settings are kept") func configuredSettings() {
    var search = LineSearch(usual, others: [])
    let answer = search.missed(1_000_000)
    #expect(!answer)
  }
}
