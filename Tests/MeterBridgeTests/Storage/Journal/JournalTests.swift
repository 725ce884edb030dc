import Testing
import TestSupport

@testable import Base
@testable import MeterBridge
@testable import Publishing

@Test("with a broker only readings unacknowledged for two seconds are written to disk")
func diskOnlyWhenSlow() {
  var harness = OutboxHarness(discovery: false)
  let store = MemoryStore()
  var journal = Journal(store) { _, _ in }
  var taken = 0
  /// Gives the journal the orders of the outbox, and lets it work after each hand-over. A reading alone waits for that.
  func follow() {
    let orders = Array(harness.journal.orders.dropFirst(taken))
    taken += orders.count
    for (index, order) in orders.enumerated() {
      journal.take(order.order, at: order.at)
      let isLast = index + 1 == orders.count || orders[index + 1].at != order.at
      if case .keep = order.order { continue }
      if isLast { _ = journal.work(at: order.at) }
    }
    _ = journal.work(at: harness.now)
  }
  harness.configure("grid")
  harness.connect()
  for number in 0..<100 {
    harness.publish("grid", [], reading: "\(number)")
    harness.pass(.seconds(1))
    follow()
  }
  #expect(store.commits == 0)
  harness.publish("grid", [], reading: "slow")
  harness.handOver()
  follow()
  harness.now = harness.now + Milliseconds(1_999)
  harness.handOver()
  follow()
  #expect(store.commits == 0)
  harness.now = harness.now + 1
  harness.handOver()
  follow()
  #expect(store.rows.map(\.payload) == [Array("slow".utf8)])
  harness.answer()
  harness.pass(.seconds(2))
  follow()
  #expect(store.rows.isEmpty)
}
