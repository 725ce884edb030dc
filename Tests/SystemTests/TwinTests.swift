import Glibc
import Testing
import TestSupport

@testable import Base
@testable import MQTT
@testable import Platform

/// Two programs with one client id, each with a meter of its own. On brokers before mosquitto 2.1, which do not say that
/// they give a session to somebody else, one of the two soon keeps the connection, and the other one comes by every few
/// minutes.
private struct Twins {
  let broker: Broker
  let rigs: [FaultHarness]
  static let complaint = "another client uses the client id \"twin\": give every client an mqtt.client_id of its own"

  /// Starts both, and returns when one has given way.
  init() throws {
    let broker = try Broker()
    self.broker = broker
    rigs = try ["left", "right"].map { try FaultHarness(at: broker, id: $0, mqtt: "client_id: twin") }
    for harness in rigs { try harness.run() }
    let (some, complaint) = (rigs, Twins.complaint)
    try #require(
      eventually {
        Twins.speak(some)
        return some.contains { $0.bridge.log.contains(complaint) }
      })
  }

  static func speak(_ rigs: [FaultHarness]) {
    for harness in rigs { harness.meter.send() }
    usleep(100_000)
  }

  /// The one that gave way, and the one with the connection.
  func sorted() throws -> (away: FaultHarness, connected: FaultHarness) {
    let away = try #require(rigs.first { $0.bridge.log.contains(Twins.complaint) })
    return (away, try #require(rigs.first { !$0.bridge.log.contains(Twins.complaint) }))
  }
}

@Test("two programs with one client id both report it, and no reading is lost")
func twoProgramsOfOneClientIDBothSayItAndNoReadingIsLost() throws {
  let twins = try Twins()
  let (away, connected) = try twins.sorted()
  // The one waits for a minute at the least; the other one has the broker to itself.
  let tries = away.proxy.seen.accepted
  let start = Clock.now()
  while Clock.now() - start < .seconds(11) { Twins.speak(twins.rigs) }
  #expect(away.proxy.seen.accepted == tries && connected.hasAll)
  // When that comes back, the other one asks too.
  let third = try SystemTests.connected(to: twins.broker, name: "twin").0
  #expect(eventually { connected.bridge.log.contains("does another client use the client id \"twin\"?") })
  third.disconnect()
  #expect(!connected.bridge.log.contains(Twins.complaint))
  for harness in twins.rigs { harness.bridge.end() }
  // Each alone: what it could not send is there.
  for harness in twins.rigs {
    try harness.run()
    #expect(harness.hasAll)
    harness.bridge.end()
  }
}

@Suite(.enabled(if: Soak.minutes != nil)) struct TwinSoakTests {
  @Test("the program that gave way comes back by itself")
  func whoGaveWayComesBackByItself() throws {
    let (away, connected) = try Twins().sorted()
    for _ in 0..<20 { Twins.speak([away, connected]) }
    connected.bridge.end()
    let start = Clock.now()
    // Three minutes at the most, and then what has waited.
    let isBack = (0..<10).contains { _ in away.hasAll }
    Soak.say("back behind a twin after \((Clock.now() - start).count / 1000) s")
    #expect(isBack)
    away.bridge.end()
  }
}
