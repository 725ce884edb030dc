import Testing

@testable import Base
@testable import MeterBridge
@testable import Meters
@testable import Platform

struct DeadLetterSenderTests {
  private let storage: Mailbox<StorageMessage>
  private let status = Shared(StorageStatus())

  init() throws { storage = try #require(Mailbox<StorageMessage>()) }

  private var sender: DeadLetterSender { DeadLetterSender(DeadLetterNumbering(), storage: storage, status: status) }

  /// What the storage thread was handed.
  private func written() -> [DeadLetterEntry] {
    storage.takeAll().compactMap { if case .deadLetter(let entry) = $0 { entry } else { nil } }
  }

  @Test("the log and the events get the first of equal letters, and the others as a number") func events() {
    var sender = sender
    var events: [DeadLetterEntry] = []
    for second in Int64(0)..<10 { events += sender.send(sampleLetter(), now: .past + .seconds(second)) }
    #expect(events.count == 1 && sender.count == 10)
    #expect(sender.deadline == .past + .minutes(1))
    events += sender.due(now: .past + .minutes(1))
    #expect(events.map(\.repeats?.count) == [nil, 9])
    #expect(events.last?.repeats?.original == events.first?.id)
    #expect(events.map(\.id) == events.map(\.id).sorted())
    #expect(written() == events)
  }

  @Test("a letter that the disk has refused is written again") func fullDisk() {
    var sender = sender
    #expect(sender.send(sampleLetter(), now: .past).count == 1)
    #expect(sender.send(sampleLetter(), now: .past).isEmpty)
    status.change { $0.lost = 1 }
    let entries = sender.send(sampleLetter(), now: .past)
    #expect(entries.map(\.repeats?.count) == [1, nil])
    #expect(sender.send(sampleLetter(), now: .past).isEmpty)
  }

  @Test("letters beyond the budget are counted, and the next one says how many") func budget() {
    var sender = sender
    func send(_ number: Int, at seconds: Int64) -> [DeadLetterEntry] {
      var letter = sampleLetter()
      letter.bytes = Array("\(number)".utf8)
      return sender.send(letter, now: .past + .seconds(seconds))
    }
    let events = (0..<1000).flatMap { send($0, at: 0) }
    #expect(events.count == Limits.lettersOfKind.atOnce && events.allSatisfy { $0.skipped == 0 })
    #expect(sender.skipped == 1000 - events.count && sender.count == 1000)
    #expect(send(1000, at: 60).map(\.skipped) == [1000 - events.count])
    #expect(written().count == events.count + 1)
  }

  @Test("a letter without room in the mailbox is not compared with") func fullMailbox() {
    var sender = sender
    while storage.post(.stop) {}
    #expect(sender.send(sampleLetter(), now: .past).count == 1)
    #expect(sender.dropped == 1)
    _ = storage.takeAll()
    #expect(sender.send(sampleLetter(), now: .past).count == 1)
    #expect(written().count == 1)
  }
}
