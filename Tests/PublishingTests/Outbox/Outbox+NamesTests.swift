import Decoders
import Foundation
import Testing
import TestSupport

@testable import Base
@testable import Meters
@testable import Publishing

@Suite struct OutboxNamesTests {
  /// The names in the discovery documents of a meter, in the order of sending.
  private func names(of id: String, in sent: [Outbox.Outgoing]) -> [String] {
    sent.filter { $0.topic.hasSuffix("_\(id)/config") }.compactMap { message in
      message.text.firstMatch(of: /"name":"([^"]*)"/).map { String($0.1) }
    }
  }

  @Test("the first of two equal meters is announced again, with its number")
  func announcedAgain() {
    var harness = OutboxHarness()
    harness.configure("a", "b")
    harness.connect()
    harness.publish("a", [(.power, "1")])
    harness.publish("a_gas", [(.volume, "1")], parent: "a")
    #expect(names(of: "a", in: harness.drain()) == ["KAM OMNIPOWER"])
    var second = OutboxHarness.publication("b", [(.power, "1")], at: harness.now)
    second.device.serial = "2"
    harness.outbox.take(.publication(second), at: harness.now)
    let sent = harness.drain() + harness.pass(.seconds(20))
    #expect(names(of: "a", in: sent) == ["KAM OMNIPOWER 1"])
    #expect(names(of: "a_gas", in: sent) == ["KAM OMNIPOWER 1 gas"])
    #expect(names(of: "b", in: sent) == ["KAM OMNIPOWER 2"])
    // The second leaves, so the first has its name for itself again.
    harness.configure("a")
    #expect(names(of: "a", in: harness.drain() + harness.pass(.seconds(20))) == ["KAM OMNIPOWER"])
  }

  @Test("fields that are enabled by the configuration are announced so, and again after a reload")
  func enabledFields() {
    func isEnabled(_ level: String, in sent: [Outbox.Outgoing]) -> Bool? {
      guard let text = sent.last(where: { $0.topic.hasSuffix("_a/config") })?.text,
        let component = text.components(separatedBy: "\"\(level)\":{").dropFirst().first?.components(separatedBy: "}")
          .first
      else { return nil }
      return !component.contains(#""enabled_by_default":false"#)
    }
    var harness = OutboxHarness()
    harness.configure("a")
    harness.connect()
    harness.publish("a", [(.voltage, "230"), (.current, "1")])
    var sent = harness.drain()
    #expect(isEnabled("voltage", in: sent) == false && isEnabled("current", in: sent) == false)
    harness.now = harness.now + .minutes(1)
    var meter = OutboxHarness.meter("a")
    meter.enabled = ["voltage"]
    harness.outbox.take(.meters([meter]), at: harness.now)
    sent = harness.drain()
    #expect(isEnabled("voltage", in: sent) == true && isEnabled("current", in: sent) == false)
  }
}
