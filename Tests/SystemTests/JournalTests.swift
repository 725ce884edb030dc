import Foundation
import Glibc
import Testing
import TestSupport

@testable import Base
@testable import Platform

/// The broker is killed and comes back empty, while five meters send.
private func cycles(_ count: Int, of witness: ReadingWitness, interval: Milliseconds) throws {
  try witness.bridge.run()
  try witness.live(for: .seconds(2), interval: interval)
  for cycle in 1...count {
    try witness.killBroker()
    try witness.live(for: 1_500, interval: interval)
    try witness.restartBroker()
    #expect(try witness.everyTopicIsRight(), "cycle \(cycle)")
    try witness.live(for: .seconds(1), interval: interval)
  }
  witness.settle()
  #expect(witness.missing.isEmpty, "\(witness.missing.prefix(10))")
  #expect(witness.mistakes.isEmpty, "\(witness.mistakes.prefix(3))")
}

/// The broker is away for so long, and in the middle the bridge is killed and started again. Returns how many readings it
/// cost.
private func outage(_ time: Milliseconds, of witness: ReadingWitness, interval: Milliseconds) throws -> Int {
  try witness.bridge.run()
  try witness.live(for: .seconds(3), interval: interval)
  try witness.killBroker()
  let half = Milliseconds(time.count / 2)
  try witness.live(for: half, interval: interval)
  let killed = Clock.now()
  witness.killBridge()
  try witness.bridge.run()
  try witness.live(for: half, interval: interval)
  try witness.restartBroker()
  // After a long outage the bridge looks for the broker once a minute.
  witness.settle(patience: .seconds(time < .seconds(30) ? 30 : 90))
  #expect(witness.mistakes.isEmpty, "\(witness.mistakes.prefix(3))")
  // On a machine that has time for it, one reading of each meter at most.
  for (meter, number) in witness.missing {
    let age = killed - (witness.times[meter] ?? [])[number - 1]
    #expect(age < .seconds(5) && age > .seconds(-1), "\(meter) \(number), sent \(age.count) ms before the kill")
  }
  return witness.missing.count
}

@Test("every reading arrives through five restarts of the broker")
func everyReadingArrivesThroughFiveRestartsOfTheBroker() throws {
  let witness = try ReadingWitness()
  try cycles(5, of: witness, interval: 200)
  witness.bridge.end()
}

@Test("a subscriber with a clean session that comes back after the bridge misses nothing")
func lateSubscriberMissesNothing() throws {
  let witness = try ReadingWitness(meters: 2, replayAfter: "6s")
  try witness.bridge.run()
  // The readings from before the first connection wait too.
  try witness.live(for: .seconds(8), interval: 200)
  try witness.killBroker()
  try witness.live(for: .seconds(2), interval: 200)
  try witness.restartBroker(subscriberLate: .seconds(2))
  try witness.live(for: .seconds(5), interval: 200)
  witness.settle()
  #expect(witness.missing.isEmpty, "\(witness.missing.prefix(10))")
  #expect(witness.mistakes.isEmpty, "\(witness.mistakes.prefix(3))")
  witness.bridge.end()
}

@Test("a kill within an outage costs only readings on their way")
func anOutageWithAKilledBridgeInTheMiddleCostsNoMoreThanWhatWasOnItsWay() throws {
  let witness = try ReadingWitness()
  let lost = try outage(.seconds(8), of: witness, interval: 500)
  #expect(lost <= 2 * 5)
  #expect(witness.bridge.log.contains("readings of an earlier run"))
}

/// In the middle of whatever it was writing.
@Test("kills at random moments cost only readings on their way")
func killsAtRandomMomentsCostOnlyWhatWasOnItsWay() throws {
  let witness = try ReadingWitness(meters: 2)
  try witness.bridge.run()
  try witness.live(for: .seconds(2), interval: 50)
  try witness.killBroker()
  var kills: [Instant] = []
  for life in [6_000] + (1...6).map({ _ in Int64.random(in: 200...2_000) }) + [6_000] {
    try witness.live(for: Milliseconds(life), interval: 50)
    kills.append(Clock.now())
    witness.killBridge()
    try witness.bridge.run()
    #expect(eventually { witness.isRead })
  }
  try witness.restartBroker()
  witness.settle()
  #expect(witness.mistakes.isEmpty, "\(witness.mistakes.prefix(3))")
  // Written twice a second, and the machine may be busy for a moment.
  let unexcused = witness.missing.filter { meter, number in
    let sent = (witness.times[meter] ?? [])[number - 1]
    return !kills.contains { $0 >= sent && $0 - sent < 3_000 }
  }
  #expect(unexcused.isEmpty, "\(unexcused.prefix(10))")
  #expect(!witness.bridge.log.contains("damaged"))
  witness.bridge.end()
}

@Test("an end without a broker keeps every reading")
func anEndWithoutABrokerKeepsEveryReading() throws {
  let witness = try ReadingWitness()
  try witness.bridge.run()
  try witness.live(for: .seconds(2), interval: 100)
  // Connected, but nobody answers: what is under way is written when the program ends.
  witness.broker.signal(SIGSTOP)
  try witness.live(for: .seconds(1), interval: 100)
  #expect(eventually { witness.isRead })
  witness.bridge.end()
  witness.broker.signal(SIGCONT)
  witness.listen(500)
  try witness.bridge.run()
  witness.settle()
  #expect(witness.missing.isEmpty, "\(witness.missing.prefix(10))")
  #expect(witness.mistakes.isEmpty, "\(witness.mistakes.prefix(3))")
}

@Test("a full disk costs no reading, and a damaged journal does not prevent a start")
func aFullDiskCostsNothingAndADamagedJournalNoStart() throws {
  let witness = try ReadingWitness(meters: 2)
  try FileManager.default.createDirectory(atPath: witness.bridge.path("state"), withIntermediateDirectories: true)
  try String(repeating: "no database ", count: 500).write(
    toFile: witness.bridge.path("state/journal.sqlite"), atomically: true, encoding: .utf8)
  try witness.bridge.run()
  #expect(eventually { witness.bridge.log.contains("is damaged") })
  #expect(FileManager.default.fileExists(atPath: witness.bridge.path("state/journal.sqlite.damaged")))
  try witness.live(for: .seconds(1), interval: 200)
  witness.bridge.end()
  // No file may grow beyond a page: as on a full disk, everything stays in memory.
  try witness.bridge.run(limits: ["-f 8"])
  try witness.live(for: .seconds(1), interval: 200)
  try witness.killBroker()
  try witness.live(for: .seconds(3), interval: 200)
  #expect(eventually { witness.bridge.log.contains("kept in memory only") })
  try witness.restartBroker()
  witness.settle()
  #expect(witness.missing.isEmpty, "\(witness.missing.prefix(10))")
  #expect(witness.bridge.log.components(separatedBy: "kept in memory only").count == 2)
}

/// What takes many minutes: `make soak`.
@Suite(.serialized, .enabled(if: Soak.minutes != nil))
struct JournalSoakTests {
  @Test("every reading arrives through a hundred restarts of the broker")
  func aHundredRestartsOfTheBroker() throws {
    let witness = try ReadingWitness()
    try cycles(100, of: witness, interval: 200)
    let sum = witness.sent.values.reduce(0, +)
    print("soak: 100 restarts, \(sum) readings of 5 meters, 0 missing, \(witness.repetitions) repeated")
  }

  @Test("a subscriber that comes back half a minute after the broker misses nothing, with the settings as they are")
  func aSubscriberThatComesBackLateMissesNothing() throws {
    let witness = try ReadingWitness(replayAfter: "15s")
    try witness.bridge.run()
    try witness.live(for: .seconds(20), interval: .seconds(1))
    for delay in [5, 25] {
      try witness.killBroker()
      try witness.live(for: .seconds(10), interval: .seconds(1))
      try witness.restartBroker(subscriberLate: .seconds(Int64(delay)), interval: .seconds(1))
      try witness.live(for: .seconds(50), interval: .seconds(1))
      witness.settle()
      #expect(witness.missing.isEmpty, "\(delay) s: \(witness.missing.prefix(10))")
      #expect(witness.mistakes.isEmpty, "\(witness.mistakes.prefix(3))")
    }
    let sum = witness.sent.values.reduce(0, +)
    print("soak: subscriber 5 s and 25 s after the broker, \(sum) readings, \(witness.missing.count) missing")
  }

  @Test("a long outage with a kill costs only readings on their way")
  func aLongOutageWithAKillInTheMiddle() throws {
    let witness = try ReadingWitness()
    let minutes = Int64(Soak.minutes ?? 30)
    let lost = try outage(.minutes(minutes), of: witness, interval: .seconds(1))
    #expect(lost <= 5)
    let sum = witness.sent.values.reduce(0, +)
    print("soak: \(minutes) min without a broker, \(sum) readings, \(lost) missing, \(witness.repetitions) repeated")
  }

  @Test("memory stays flat in an outage")
  func memoryInOutage() throws {
    let witness = try ReadingWitness()
    try witness.bridge.run()
    try witness.live(for: .seconds(5), interval: 50)
    try witness.killBroker()
    try witness.live(for: .seconds(30), interval: 50)
    let before = witness.bridge.daemon?.kilobytes("RssAnon") ?? 0
    try witness.live(for: .minutes(Int64(max(1, min(5, Soak.minutes ?? 1)))), interval: 50)
    let after = witness.bridge.daemon?.kilobytes("RssAnon") ?? 0
    #expect(before > 0 && after - before < 512, "\(before) kB, then \(after) kB")
    try witness.restartBroker()
    witness.settle()
    #expect(witness.missing.isEmpty && witness.mistakes.isEmpty)
    print("soak: RssAnon \(before) kB half a minute into an outage, \(after) kB at its end")
  }
}
