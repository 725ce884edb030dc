import Decoders
import Glibc
import Testing
import TestSupport

@testable import Base
@testable import Meters
@testable import Simulator

/// The longest time from the end of the last fault to the next reading. A failed try waits ten minutes, and the longest
/// scan may follow. An air time limit whose end was missed lasts 70 minutes.
private let longest = Milliseconds.minutes(20)
private let longestAfterLimit = Milliseconds.minutes(95)

/// Runs so many days with random faults, or so many faults one after the other. Returns the problems.
private func live(
  days: Int64 = 30, faults: Int? = nil, seed: UInt64, interval: Milliseconds
) -> (week: BRouteWeek, problems: [String]) {
  var settings = DongleSettings()
  settings.profile = seed % 2 == 0 ? .coefficient : .solar
  settings.model = [.bp35c2, .bp35a1, .rl7023][Int(seed % 3)]
  settings.writesBinary = seed % 5 < 2
  settings.chunk = seed % 3 == 1 ? 7 : nil
  settings.announcement = seed % 2 == 0 ? .confirmedNotification : .notification
  settings.beacon = 4 + Int(seed % 3)
  if faults != nil { settings.lifetime = .minutes(30) }
  var week = BRouteWeek(settings, interval: interval, seed: seed)
  var problems: [String] = []
  let end = week.now + Milliseconds(days * 86_400_000)
  var greatest = Milliseconds(0)
  while week.now < end, week.harms < faults ?? .max, problems.isEmpty {
    _ = week.run(week.randomTime(faults == nil ? 60_000...7_200_000 : 0...1000))
    let fault = week.harm()
    _ = week.run(week.randomTime(1_000...(faults == nil ? 2_400_000 : 1_200_000)))
    let (before, letters) = (week.readings, week.letters)
    week.heal()
    let healed = week.now
    var isBack = week.run(.seconds(1)) { $0.readings > before }
    // The end of the limit was in a line that could not be read.
    let isUnheard = week.isLimited && week.letters > letters
    if !isBack { isBack = week.run(isUnheard ? longestAfterLimit : longest) { $0.readings > before } }
    greatest = max(greatest, week.now - healed)
    if !isBack { problems.append("stuck in \(week.session.phase) after \(fault): \(week.troubles)") }
    problems += week.wrong.map { "\($0) is wrong after \(fault)" } + week.leaks.map { "a secret: \($0)" }
  }
  _ = week.run(longest)
  if week.lastEnergy.map({ week.now - $0 < longest }) != true { problems.append("no energy at the end") }
  let counters = week.dongle.simulation.counters
  if counters["WOPT"] > 0 { problems.append("flash memory was written") }
  let hours = (days * 86_400_000 - (end - week.now).count) / 3_600_000
  print(
    "B-route, seed \(seed), \(hours) hours: \(week.readings) readings, \(week.scheduled) scheduled, "
      + "\(week.harms) faults of \(week.faults.count) kinds, \(counters["SKSCAN"]) scans, "
      + "\(counters.sessions) sessions, \(counters.renewals) renewals, \(week.letters) dead letters, "
      + "back after at most \(greatest.count / 1000) s")
  return (week, problems)
}

@Suite struct BRouteWeekTests {
  /// A day with every kind of dongle.
  @Test("after each fault of a day the meter is read again within minutes", arguments: [11, 12, 13] as [UInt64])
  func dayWithFaults(seed: UInt64) {
    let (week, problems) = live(days: 1, seed: seed, interval: .minutes(1))
    #expect(problems == [])
    #expect(week.readings > 200 && week.scheduled > 10)
  }

  /// The meter grants sessions of half an hour, and faults follow each other without a pause.
  @Test("after many faults in a row the meter is read again within minutes", arguments: [1, 2, 3, 4, 5, 6] as [UInt64])
  func manyFaults(seed: UInt64) {
    #expect(live(faults: 150, seed: seed, interval: .seconds(30)).problems == [])
  }

  /// It runs in a process of its own, as other tests would change the memory.
  @Test("after each fault of a week the meter is read again within minutes, and memory stays flat")
  func weekWithFaults() async {
    await #expect(processExitsWith: .success) {
      // Once for what grows only in the beginning.
      #expect(live(days: 1, seed: 20, interval: .minutes(2)).problems == [])
      let before = BRouteWeek.memory
      let (week, problems) = live(days: 7, seed: 21, interval: .minutes(2))
      #expect(problems == [])
      #expect(week.readings > 2000)
      #expect(isSanitized || BRouteWeek.memory - before < 4096)
    }
  }
}
