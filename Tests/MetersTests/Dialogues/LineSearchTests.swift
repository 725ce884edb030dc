import Testing

@testable import Base
@testable import Meters

struct LineSearchTests {
  private let usual = ProtocolDescription.dlms.line
  private let other = ProtocolDescription.dlms.otherLines

  @Test("other settings are tried in turn while no frame is found") func triedInTurn() {
    var search = LineSearch(usual, others: other)
    let answers = [300, 300, 300, 300].map { search.missed($0, now: instant(1)) }
    #expect(answers == [false, false, false, true])
    #expect(search.line == other[0])
    let later = [1000, 8, 8, 8].map { search.missed($0, now: instant(61)) }
    #expect(later == [false, false, false, true])
    #expect(search.line == usual)
  }

  @Test("after the first round each of the settings is kept for a minute") func patience() {
    var search = LineSearch(usual, others: other)
    let changes = (0..<3600).filter { second in
      (0..<4).map { _ in search.missed(300, now: instant(Int64(second))) }.contains(true)
    }
    #expect(changes.count == 60 && changes.prefix(3) == [0, 60, 120])
  }

  @Test("the search is told once, and then once a day") func toldOnce() {
    var search = LineSearch(usual, others: other)
    var notices: [String] = []
    for minute in 0..<(3 * 24 * 60) {
      let now = Instant(milliseconds: Int64(minute) * 60_000)
      for _ in 0..<4 where search.missed(300, now: now) {
        if let notice = search.notice(now: now) { notices.append(notice) }
      }
    }
    #expect(notices.count == 3)
    #expect(
      notices.first?.hasPrefix("no telegram is recognised; trying the line settings 2400 8N1 and 2400 8E1 in turn")
        == true)
  }

  @Test("settings that fit are kept") func settingsKept() {
    var search = LineSearch(usual, others: other)
    let before = (0..<4).map { _ in search.missed(300, now: instant(1)) }
    search.found()
    let after = (0..<9).map { _ in search.missed(300, now: instant(100)) }
    #expect(before.last == true && !after.contains(true))
    #expect(search.line == other[0])
  }

  @Test("damaged telegrams among the noise keep the settings, as long as they come") func damagedTelegrams() {
    var search = LineSearch(usual, others: other)
    for _ in 0..<50 {
      for _ in 0..<3 {
        let isChanged = search.missed(2000, now: instant(1))
        #expect(!isChanged)
      }
      search.fits()
    }
    let changes = (0..<4).map { _ in search.missed(300, now: instant(2)) }
    #expect(changes.last == true)
  }

  @Test("the rest of a telegram is not a reason to change") func restOfTelegram() {
    var search = LineSearch(usual, others: other)
    let answer = search.missed(16_000, now: instant(1))
    #expect(!answer)
  }

  @Test("configured settings are kept") func configuredSettings() {
    var search = LineSearch(usual, others: [])
    let answer = search.missed(1_000_000, now: instant(1))
    #expect(!answer)
  }
}
