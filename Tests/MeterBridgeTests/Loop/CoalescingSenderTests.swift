import Decoders
import Testing

@testable import Base
@testable import MeterBridge
@testable import Meters
@testable import Platform
@testable import Publishing

struct CoalescingSenderTests {
  private func publication(_ id: String, _ payload: String, reading number: Int64 = 0) -> Publication {
    var publication = Publication(
      device: Device(id: id, medium: .electricity, protocolName: "p1"),
      fields: [
        PublishedField(
          field: FieldDescription(level: "power", key: FieldKey(.power), unit: .watt, isNumber: true), payload: payload)
      ], reading: nil, received: WallTime(milliseconds: 1_795_172_401_250))
    if number > 0 { (publication.reading, publication.number) = ([], number) }
    return publication
  }

  @Test("the newest reading is announced late, and its number shows the others")
  func newestReading() throws {
    let mailbox = try #require(Mailbox<BrokerMessage>(capacity: 1))
    var post = CoalescingSender(mailbox)
    for number in Int64(1)...8 { post.send(.publication(publication("grid", "\(number)", reading: number))) }
    // A value without a telegram of its own comes last.
    post.send(.publication(publication("grid", "9")))
    var numbers: [Int64] = []
    for _ in 0..<3 {
      for case .publication(let publication) in mailbox.takeAll() { numbers.append(publication.number) }
      post.flush()
    }
    #expect(numbers == [1, 8])
  }

  @Test("a rare field survives newer telegrams without it")
  func rareField() throws {
    let mailbox = try #require(Mailbox<BrokerMessage>(capacity: 1))
    var post = CoalescingSender(mailbox)
    func energy(_ payload: String, held: [String] = []) -> Publication {
      let key = FieldKey(.energyImport)
      let field = FieldDescription(level: "energy_import", key: key, unit: .kilowattHour, isNumber: true)
      var publication = publication("grid", "0")
      publication.fields = [PublishedField(field: field, payload: payload)]
      publication.held = held
      return publication
    }
    // The first one finds a place; the others wait.
    for message in [publication("grid", "1"), energy("10"), energy("11", held: ["volume"]), publication("grid", "2")] {
      post.send(.publication(message))
    }
    _ = mailbox.takeAll()
    post.flush()
    var fields: [String] = []
    for case .publication(let publication) in mailbox.takeAll() {
      fields += publication.fields.map { "\($0.field.level) \($0.payload)" } + publication.held
    }
    #expect(fields == ["power 2", "energy_import 11", "volume"])
  }

  @Test("a stalled thread costs only outdated values")
  func stalledThread() throws {
    let mailbox = try #require(Mailbox<BrokerMessage>(capacity: 1))
    var post = CoalescingSender(mailbox)
    post.send(.publication(publication("grid", "1")))
    for number in 2...9 { post.send(.publication(publication("grid", "\(number)"))) }
    post.send(.availability(device: "grid", online: false))
    #expect(post.isHolding)
    #expect(post.dropped == 0)
    var payloads: [String] = []
    var ends = 0
    for _ in 0..<4 {
      for message in mailbox.takeAll() {
        switch message {
        case .publication(let publication): payloads += publication.fields.map(\.payload)
        case .availability: ends += 1
        default: break
        }
      }
      post.flush()
    }
    #expect(payloads == ["1", "9"])
    #expect(ends == 1)
    #expect(!post.isHolding)
  }

  @Test("a batch of telegrams is settled behind everything that came of it") func settleComesLast() throws {
    let mailbox = try #require(Mailbox<BrokerMessage>(capacity: 1))
    var post = CoalescingSender(mailbox)
    for number in Int64(1)...3 { post.send(.publication(publication("grid", "\(number)", reading: number))) }
    for number in Int64(1)...3 {
      post.send(.forward(JournalEntry(meter: "grid/forward", number: number, payload: [])))
    }
    post.send(.settle(batch: 7))
    var order: [String] = []
    while true {
      let taken = mailbox.takeAll()
      for message in taken {
        switch message {
        case .publication(let publication): order.append("reading \(publication.number)")
        case .forward(let entry): order.append("telegram \(entry.number)")
        case .settle(let batch): order.append("batch \(batch)")
        default: order.append("other")
        }
      }
      if taken.isEmpty { break }
      post.flush()
    }
    #expect(order == ["reading 1", "reading 3", "telegram 3", "batch 7"] && !post.isHolding)
  }
}
