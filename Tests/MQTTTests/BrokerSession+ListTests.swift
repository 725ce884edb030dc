import Glibc
import Testing

@testable import Base
@testable import MQTT

@Test("a lost broker leads to the next of the list at once, and so on around") func nextOfTheList() {
  var run = SessionRun("a", "b", "c")
  run.feed(.start, .opened, .reached, .accepted)
  for _ in 1...3 {
    run.now = run.now + .minutes(1)
    run.feed(.closed(.lost))
    run.untilNextTry()
    run.feed(.opened, .reached, .accepted)
  }
  #expect(run.opened.map(\.attempt.broker.host) == ["a", "b", "c", "a"])
  #expect(run.gaps.allSatisfy { $0 == .minutes(1) })
  #expect(run.log.contains("connected to broker b:1883 (MQTT 5)"))
  #expect(run.session.broker.host == "a")
}

@Test("a list of absent brokers is tried without a pause, and the pauses are between its rounds")
func roundsOfTheList() {
  var run = SessionRun("a", "b", "c")
  run.feed(.start)
  let start = run.now
  while run.now < start + .minutes(20) {
    run.feed(.failed(.system(ECONNREFUSED)))
    run.untilNextTry()
  }
  for (index, gap) in run.gaps.enumerated() { #expect(index % 3 == 2 ? gap >= 500 : gap == 0) }
  #expect(run.opened.prefix(6).map(\.attempt.broker.host) == ["a", "b", "c", "a", "b", "c"])
  #expect(run.gaps.contains { $0 > 10_000 })
  #expect(Set(run.errors.map { $0.prefix(13) }) == ["broker a:1883", "broker b:1883", "broker c:1883"])
}

@Test("a refused password is tried at every broker, and then rests") func refusedEverywhere() {
  var run = SessionRun("a", "b")
  run.feed(.start)
  for _ in 1...10 {
    run.feed(.opened, .reached, .refused(reason: 0x86))
    run.untilNextTry()
  }
  #expect(run.gaps.enumerated().allSatisfy { $0.offset % 2 == 0 ? $0.element == 0 : $0.element >= .seconds(1) })
}

@Test("each broker of the list keeps its version of MQTT, whatever the others do") func versionsOfTheList() {
  var run = SessionRun("gone", "old")
  run.feed(.start)
  for _ in 1...6 where run.established.isEmpty {
    let tries = run.opened.count
    switch (run.session.broker.host, run.opened.last?.attempt.version) {
    case ("gone", _): run.feed(.failed(.system(ECONNREFUSED)))
    case (_, .five): run.feed(.opened, .reached, .closed(.lost))
    default: run.feed(.opened, .reached, .accepted)
    }
    if run.established.isEmpty, run.opened.count == tries { run.untilNextTry() }
  }
  #expect(run.established == [.threeOneOne])
  #expect(run.session.broker.host == "old")
}

@Test("a fight for the client id is noticed at a list with an absent broker") func takeOverAtAList() {
  var run = SessionRun("a", "gone")
  run.feed(.start)
  for _ in 1...3 {
    run.feed(.opened, .reached, .accepted)
    run.now = run.now + .seconds(1)
    run.feed(.closed(.lost))
    run.untilNextTry()
    if run.session.broker.host == "gone" {
      run.feed(.failed(.system(ECONNREFUSED)))
      run.untilNextTry()
    }
  }
  #expect(run.errors.last { $0.contains("another client uses the client id") } != nil)
}

/// Two programs with one client id go round a nats cluster: a node cuts the one, and closes it in the first second.
@Test("a fight for the client id is noticed at a cluster whose nodes cut us in turn") func takeOverAtACluster() {
  var run = SessionRun("a", "b", "c", version: .threeOneOne)
  run.feed(.start)
  for round in 1...9 where run.errors.isEmpty {
    run.feed(.opened, .reached, .accepted)
    run.now = run.now + 600
    run.feed(.closed(.lost))
    guard run.errors.isEmpty else { break }
    run.untilNextTry()
    guard round % 2 == 1 else { continue }
    run.feed(.opened, .reached, .closed(.lost))
    run.untilNextTry()
  }
  #expect(run.errors.map { $0.prefix(34) } == ["another client uses the client id "], "\(run.log)")
}

@Test("a cluster whose nodes are restarted one after the other is no fight for the client id")
func restartOfACluster() {
  var run = SessionRun("a", "b", "c")
  run.feed(.start)
  for _ in 1...3 {
    run.feed(.opened, .reached, .accepted)
    run.now = run.now + .seconds(8)
    run.feed(.closed(.lost))
    #expect(run.session.deadline == run.now)
    run.untilNextTry()
  }
  #expect(run.errors.isEmpty && !run.log.contains { $0.contains("client id") })
}
