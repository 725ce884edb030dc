import Glibc
import Testing

@testable import Base
@testable import MQTT

// What brokers other than mosquitto do, as measured: nats-server 2.9, RabbitMQ 3.10, ActiveMQ 5.17, amqtt 0.12.

@Test("a broker that is silent to MQTT 5 twice is asked for 3.1.1, and this is remembered")
func silentToFive() {
  var run = SessionRun()
  run.feed(.start)
  for _ in 1...2 {
    run.feed(.opened, .reached)
    run.now = run.now + .seconds(10)
    run.feed(.tick)
    if run.opened.count == 1 || run.opened.count == 2, run.opened.last?.attempt.version == .five { run.untilNextTry() }
  }
  #expect(run.opened.map(\.attempt.version) == [.five, .five, .threeOneOne])
  run.feed(.opened, .reached, .accepted)
  #expect(run.errors == [])
  run.now = run.now + .minutes(1)
  run.feed(.closed(.lost))
  run.untilNextTry()
  #expect(run.opened.last?.attempt.version == .threeOneOne)
}

@Test("a host that is not reached is not silent")
func notReachedIsNotSilent() {
  var run = SessionRun()
  run.feed(.start)
  for _ in 1...4 {
    run.feed(.opened)
    run.now = run.now + .seconds(10)
    run.feed(.tick)
    run.untilNextTry()
  }
  #expect(run.opened.allSatisfy { $0.attempt.version == .five })
  #expect(run.errors.allSatisfy { $0.contains("does not answer within 10 s") } && !run.errors.isEmpty)
}

@Test("a broker that has spoken MQTT 5 and stands still is not asked for 3.1.1")
func standstillKeepsFive() {
  var run = SessionRun()
  run.feed(.start, .opened, .reached, .accepted)
  run.now = run.now + .minutes(1)
  run.feed(.closed(.silent))
  for _ in 1...8 {
    run.untilNextTry()
    run.feed(.opened, .reached)
    run.now = run.now + .seconds(10)
    run.feed(.tick)
  }
  #expect(run.opened.allSatisfy { $0.attempt.version == .five })
}

@Test("an error that the next try cures is not an error in the log")
func curedErrorIsNotLogged() {
  var run = SessionRun()
  run.feed(.start, .opened, .closed(.lost))
  run.untilNextTry()
  run.feed(.opened, .closed(.lost), .opened, .accepted)
  #expect(run.established == [.threeOneOne] && run.errors == [])
  // A port that is not MQTT at all is one.
  var other = SessionRun()
  other.feed(.start)
  for _ in 1...3 {
    other.feed(.opened, .closed(.lost))
    if other.opened.count < 3 { other.untilNextTry() }
  }
  #expect(other.errors.count == 1 && other.errors[0].contains("does this port speak MQTT"))
}

/// It refuses MQTT 5 with a CONNACK, takes the older connection's place at once, and closes the connection of who returns
/// within a second instead of answering, once.
@Test("a take-over is recognised at a broker that closes the connection of who returns")
func takeOverAtNats() {
  var run = SessionRun()
  run.feed(.start)
  for session in 1...3 {
    run.feed(.opened, .refused(reason: 0x84), .opened, .accepted)
    run.now = run.now + 900
    run.feed(.closed(.lost))
    #expect(run.lost.last?.contains("another client uses the client id \"meterbridge-1\"") == (session == 3))
    if session == 3 { break }
    run.untilNextTry()
    run.feed(.opened, .refused(reason: 0x84), .opened)
    run.now = run.now + 1_000
    run.feed(.closed(.lost))
    run.untilNextTry()
  }
  #expect(run.errors.count == 1 && run.errors[0].contains("another client uses"))
  let since = run.now
  run.untilNextTry()
  #expect(run.now - since >= 60_000)
}

@Test("a broker that ends in the middle of a try, again and again, is not taken over")
func endsInATry() {
  var run = SessionRun(version: .threeOneOne)
  run.feed(.start)
  for _ in 1...5 {
    run.feed(.opened, .accepted)
    run.now = run.now + 900
    run.feed(.closed(.lost))
    run.untilNextTry()
    // Its listening socket is closed last.
    run.feed(.opened, .reached, .closed(.lost))
    run.untilNextTry()
  }
  #expect(!run.lost.contains { $0.contains("another client") })
}

@Test("a broker that closes several tries is away, which is not a take-over")
func shutOutsAreNotATakeOver() {
  var run = SessionRun(version: .threeOneOne)
  run.feed(.start)
  for _ in 1...10 {
    run.feed(.opened, .accepted)
    run.now = run.now + 900
    run.feed(.closed(.lost))
    for _ in 1...2 {
      run.untilNextTry()
      run.feed(.opened, .closed(.lost))
    }
    run.untilNextTry()
  }
  #expect(run.lost.allSatisfy { !$0.contains("client id") })
}

@Test(
  "a dot in base_topic is named where the broker closes the connection over it", arguments: ["home.meters", "my home"])
func dotInBaseTopic(topic: String) {
  var run = SessionRun(version: .threeOneOne, baseTopic: topic)
  run.feed(.start, .opened, .closed(.lost))
  #expect(run.errors.last?.contains("mqtt.base_topic \"\(topic)\" has a dot or a blank") == true)
  var published = SessionRun(version: .threeOneOne, baseTopic: topic)
  published.feed(.start, .opened, .accepted)
  published.now = published.now + 50
  published.feed(.closed(.lost))
  #expect(published.log.last?.contains("has a dot or a blank") == true)
  var plain = SessionRun(version: .threeOneOne, baseTopic: "meterbridge")
  plain.feed(.start, .opened, .closed(.lost))
  #expect(plain.errors.last?.contains("dot") == false)
}

@Test("the broker's reason strings are in the log")
func reasonStrings() {
  var run = SessionRun()
  run.feed(.start, .opened, .refused(reason: 0x87, words: "no such tenant"))
  #expect(run.log.last?.hasSuffix("(the broker says \"no such tenant\")") == true)
  run.untilNextTry()
  run.feed(.opened, .accepted)
  run.now = run.now + .minutes(2)
  run.feed(.closed(.reason(0x98, words: "moved")))
  #expect(run.log.last == "the broker ended the connection with reason 152 (the broker says \"moved\")")
}

@Test("outages within a minute are counted")
func outagesAreCounted() {
  var run = SessionRun()
  run.feed(.start)
  for _ in 1...12 {
    run.feed(.opened, .accepted)
    run.now = run.now + .seconds(11)
    run.feed(.closed(.silent))
    run.untilNextTry()
  }
  let counts = run.log.filter { $0.contains("outages in the last minute") }
  #expect(counts.first?.hasSuffix(" (2 outages in the last minute)") == true)
  #expect(counts.dropFirst().first?.hasSuffix(" (3 outages in the last minute)") == true)
  // From then on one line a minute.
  #expect((3...5).contains(counts.count))
}

@Test("a connection that we end over a malformed packet is not a take-over, and its tries slow down")
func ownEndIsNotATakeOver() {
  for failure in [ConnectFailure.malformed, .library(1)] {
    var run = SessionRun()
    run.feed(.start)
    let start = run.now
    for _ in 1...20 {
      run.feed(.opened, .accepted)
      run.now = run.now + 5
      run.feed(.closed(.failed(failure)))
      run.untilNextTry()
    }
    #expect(run.lost.allSatisfy { !$0.contains("client id") })
    #expect(run.lost[0] != "the connection to the broker was lost")
    #expect(run.now - start > .minutes(2))
  }
}

@Test("a broker that goes down after one try in vain is told as what it is: not there")
func goneAfterATryInVain() {
  var run = SessionRun()
  run.feed(.start, .opened, .closed(.failed(.unanswered)))
  run.untilNextTry()
  run.feed(.failed(.system(ECONNREFUSED)))
  #expect(run.errors.contains { $0.contains("refuses the connection") })
}
