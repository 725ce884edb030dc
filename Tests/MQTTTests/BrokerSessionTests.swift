import Testing

@testable import Base
@testable import MQTT

private func += (time: inout Instant, length: Milliseconds) { time = time + length }

@Test("an absent broker is tried each second for half a minute, then with jitter up to a minute")
func backoff() {
  for seed in UInt64(1)...50 {
    var run = SessionRun(seed: seed)
    run.feed(.start)
    let start = run.now
    while run.now < start + .minutes(20) {
      run.feed(.failed(.system(111)))
      run.untilNextTry()
    }
    let early = zip(run.gaps, run.opened).filter { $1.at < start + 30_000 }.map(\.0)
    let late = zip(run.gaps, run.opened).filter { $1.at >= start + 30_000 }.map(\.0)
    #expect(early.count >= 29 && early.allSatisfy { (500...1_000).contains($0) })
    #expect(late.allSatisfy { (1_000...60_000).contains($0) })
    #expect(late.contains { $0 > 10_000 })
  }
}

@Test("a failure is logged once a minute with advice")
func failureIsLoggedOncePerMinute() {
  var run = SessionRun()
  run.feed(.start)
  let start = run.now
  while run.now < start + .minutes(10) {
    run.feed(.failed(.system(111)))
    run.untilNextTry()
  }
  #expect(run.log.count <= 11)
  #expect(
    Set(run.log) == [
      "broker broker:1883 refuses the connection: is it running, and are mqtt.host and mqtt.port right?"
    ])
}

@Test("the end of even a short trouble is logged")
func endOfTroubleIsLogged() {
  var run = SessionRun()
  run.feed(.start, .opened, .accepted)
  run.now += 20_000
  run.feed(.closed(.lost))
  run.untilNextTry()
  run.feed(.opened, .accepted)
  #expect(
    run.log == [
      "connected to broker broker:1883 (MQTT 5)", "the connection to the broker was lost",
      "connected to broker broker:1883 (MQTT 5)",
    ])
}

@Test("a wrong password backs off from the start and is tried for ever")
func wrongPassword() {
  for seed in UInt64(1)...20 {
    var run = SessionRun(seed: seed)
    run.feed(.start)
    for _ in 0..<200 {
      run.feed(.opened, .refused(reason: 0x87))
      run.untilNextTry()
    }
    #expect(run.opened.count == 201)
    #expect(run.gaps.allSatisfy { (1_000...60_000).contains($0) })
    #expect(run.gaps.first.map { $0 <= 3_000 } == true)
    #expect(run.log.allSatisfy { $0.contains("mqtt.username and mqtt.password") })
    run.feed(.opened, .accepted)
    #expect(run.established == [.five])
  }
}

@Test("the refusal codes of 3.1.1 mean the same as those of 5")
func oldRefusalCodes() {
  for (old, new) in [(Int32(2), Int32(0x85)), (4, 0x86), (5, 0x87)] {
    var three = SessionRun(version: .threeOneOne)
    three.feed(.start, .opened, .refused(reason: old))
    var five = SessionRun(version: .five)
    five.feed(.start, .opened, .refused(reason: new))
    #expect(three.log == five.log && three.log.count == 1)
  }
}

@Test("a broker that refuses MQTT 5 is asked for 3.1.1 at once")
func fiveRefused() {
  var run = SessionRun()
  run.feed(.start, .opened, .refused(reason: 0x84))
  #expect(run.opened.map(\.attempt.version) == [.five, .threeOneOne])
  #expect(run.gaps == [0])
  run.feed(.opened, .accepted)
  #expect(run.established == [.threeOneOne])
  // It may be a newer one after a restart, and asking costs nothing.
  run.now += 60_000
  run.feed(.closed(.lost))
  run.untilNextTry()
  #expect(run.opened.last?.attempt.version == .five)
}

@Test("an answer that is not MQTT 5 leads to 3.1.1 at once")
func fiveMalformed() {
  var run = SessionRun()
  run.feed(.start, .opened, .closed(.failed(.malformed)))
  #expect(run.opened.map(\.attempt.version) == [.five, .threeOneOne])
}

@Test("a broker that closes twice on MQTT 5 is asked for 3.1.1, and this is remembered")
func fiveClosedTwice() {
  var run = SessionRun()
  run.feed(.start, .opened, .closed(.lost))
  run.untilNextTry()
  run.feed(.opened, .closed(.lost))
  #expect(run.opened.map(\.attempt.version) == [.five, .five, .threeOneOne])
  run.feed(.opened, .accepted)
  run.now += 60_000
  run.feed(.closed(.lost))
  run.untilNextTry()
  #expect(run.opened.last?.attempt.version == .threeOneOne)
}

@Test("a broker that has spoken MQTT 5 may close now and then")
func fiveProven() {
  var run = SessionRun()
  run.feed(.start, .opened, .accepted)
  run.now += 60_000
  run.feed(.closed(.lost))
  for _ in 0..<4 {
    run.untilNextTry()
    run.feed(.opened, .closed(.lost))
  }
  #expect(run.opened.allSatisfy { $0.attempt.version == .five })
}

@Test("a broker that refuses both versions is asked for them in turn")
func bothVersionsRefused() {
  var run = SessionRun()
  run.feed(.start, .opened, .refused(reason: 0x84), .opened, .refused(reason: 1))
  run.untilNextTry()
  #expect(run.opened.map(\.attempt.version) == [.five, .threeOneOne, .five])
  #expect(run.log.last?.contains("mqtt.protocol_version") == true)
}

@Test("a configured version stays")
func fixedVersion() {
  var run = SessionRun(version: .five)
  run.feed(.start)
  for _ in 0..<5 {
    run.feed(.opened, .refused(reason: 0x84))
    run.untilNextTry()
  }
  #expect(run.opened.allSatisfy { $0.attempt.version == .five })
  #expect(run.gaps.allSatisfy { $0 >= 1_000 })
}

@Test("a broker that does not retain gets a will that is not retained")
func retainedWillRefused() {
  var run = SessionRun()
  run.feed(.start, .opened, .refused(reason: 0x9A))
  #expect(run.opened.map(\.attempt.retainsWill) == [true, false])
  run.feed(.opened, .refused(reason: 0x9A))
  #expect(run.opened.count == 2)
}

/// With 3.1.1 it says nothing: it closes the connection over the will, and over the first message.
@Test("with 3.1.1 a broker that does not retain is found out")
func noRetainWithThreeOneOne() {
  var run = SessionRun(version: .threeOneOne)
  run.feed(.start)
  for _ in 1...3 {
    run.feed(.opened, .closed(.lost))
    run.untilNextTry()
  }
  #expect(run.opened.map(\.attempt.retainsWill) == [true, true, true, false])
  #expect(run.opened.allSatisfy { $0.attempt.retains })
  run.feed(.opened, .accepted)
  run.now += 50
  run.feed(.closed(.lost))
  run.untilNextTry()
  #expect(run.opened.last?.attempt.retains == false && run.opened.last?.attempt.retainsWill == false)
  // By the next outage it may be another broker.
  run.feed(.opened, .accepted)
  run.now += 3_600_000
  run.feed(.closed(.lost))
  run.untilNextTry()
  #expect(run.opened.last?.attempt.retains == true && run.opened.last?.attempt.retainsWill == true)
}

/// As a proxy does while the broker behind it is away.
@Test("a connection closed for another reason keeps its retained messages")
func retainSurvivesOtherCauses() {
  var run = SessionRun(version: .threeOneOne)
  run.feed(.start)
  for _ in 1...20 {
    run.feed(.opened, .closed(.lost))
    run.untilNextTry()
  }
  #expect(run.opened.allSatisfy { $0.attempt.retains })
  #expect(run.opened.filter { !$0.attempt.retainsWill }.count == 5)
}

@Test("a take-over is recognised by its reason code")
func takeOverByReason() {
  var run = SessionRun()
  run.feed(.start, .opened, .accepted)
  run.now += 3_600_000
  run.feed(.closed(.reason(0x8E)))
  #expect(run.log.last?.contains("another client uses the client id \"meterbridge-1\"") == true)
  let since = run.now
  run.untilNextTry()
  #expect((60_000...180_000).contains(run.now - since))
}

@Test("a take-over is recognised by three short sessions")
func takeOverByShortSessions() {
  var run = SessionRun()
  run.feed(.start)
  for session in 1...3 {
    run.feed(.opened, .accepted)
    run.now += 900
    run.feed(.closed(.lost))
    #expect(run.lost.last?.contains("another client") == (session == 3))
    let since = run.now
    run.untilNextTry()
    #expect(session == 3 ? run.now - since >= 60_000 : run.now == since)
  }
}

@Test("the client that keeps its connection is told of the other one too")
func otherClientIsSuspected() {
  var run = SessionRun()
  run.feed(.start)
  // The other one has given up, and comes by after more than a minute.
  for (session, length) in ([900, 900, 70_000, 120_000] as [Milliseconds]).enumerated() {
    run.feed(.opened, .accepted)
    run.now += length
    run.feed(.closed(.lost))
    let isAsked = run.lost.last?.contains("does another client use the client id \"meterbridge-1\"?") == true
    #expect(isAsked == (session >= 2))
    let since = run.now
    run.untilNextTry()
    #expect(run.now == since)
  }
  // An outage between two cuts, or much time, explains them better.
  run.feed(.failed(.system(111)))
  for _ in 0..<5 {
    run.untilNextTry()
    run.feed(.opened, .accepted)
    run.now += 400_000
    run.feed(.closed(.lost))
    #expect(run.lost.last == "the connection to the broker was lost")
  }
}

@Test("a broker that restarts again and again is not a take-over")
func restartsAreNotATakeOver() {
  var run = SessionRun()
  run.feed(.start)
  for _ in 0..<100 {
    run.feed(.opened, .accepted)
    run.now += 2_000
    run.feed(.closed(.lost))
    run.untilNextTry()
    run.feed(.failed(.system(111)))
    run.untilNextTry()
  }
  #expect(run.lost.allSatisfy { !$0.contains("client id") })
  // Every outage has quick tries of its own, the first of them at once.
  #expect(run.gaps.allSatisfy { $0 <= 2_000 })
}

@Test("the backoff is forgotten only after half a minute of good connection")
func backoffIsForgotten() {
  func firstLateGap(connectedFor length: Milliseconds) -> Milliseconds {
    var run = SessionRun(seed: 7)
    run.feed(.start)
    let start = run.now
    while run.now < start + 600_000 {
      run.feed(.failed(.noAnswer))
      run.untilNextTry()
    }
    run.feed(.opened, .accepted)
    run.now += length
    run.feed(.closed(.lost))
    let lost = run.now
    while run.now < lost + 30_000 {
      run.untilNextTry()
      run.feed(.failed(.noAnswer))
    }
    let since = run.now
    run.untilNextTry()
    return run.now - since
  }
  #expect(firstLateGap(connectedFor: 30_000) <= 3_000)
  #expect(firstLateGap(connectedFor: 29_000) > 3_000)
}

@Test("a broker that does not answer is given up after ten seconds")
func connectDeadline() {
  var run = SessionRun()
  run.feed(.start)
  run.now += 45_000  // the look-up took so long
  run.feed(.opened)
  let since = run.now
  #expect(run.session.deadline == since + 10_000)
  run.now += 9_999
  run.feed(.tick)
  #expect(run.log.isEmpty)
  run.now += 1
  run.feed(.tick)
  #expect(run.log == ["broker broker:1883 does not answer within 10 s"])
}

@Test("late events of a dropped connection are ignored")
func lateEvents() {
  var run = SessionRun()
  run.feed(.start, .opened, .refused(reason: 0x87))
  let log = run.log
  run.feed(.closed(.lost), .accepted, .opened)
  #expect(run.log == log && run.established.isEmpty && !run.session.isConnected)
}
