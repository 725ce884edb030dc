import Decoders
import Glibc
import Testing

@testable import MeterBridge

/// How long it may take until a meter is read again after everything is well: a try that has just failed waits ten minutes,
/// and the scan after it may be the longest; a limit of air time whose end went unheard is over after 70 minutes.
private let longest = Milliseconds.minutes(20)
private let longestAfterLimit = Milliseconds.minutes(95)

/// So many days with random faults; says what went wrong, nil for nothing.
private func live(days: Int64, seed: UInt64, interval: Milliseconds) -> (week: RouteBWeek, problems: [String]) {
  var settings = DongleSettings()
  settings.profile = seed % 2 == 0 ? .coefficient : .solar
  settings.model = [.bp35c2, .bp35a1, .rl7023][Int(seed % 3)]
  settings.writesBinary = seed % 5 < 2
  settings.chunk = seed % 3 == 1 ? 7 : nil
  settings.announcement = seed % 2 == 0 ? .confirmedNotification : .notification
  settings.beacon = 4 + Int(seed % 3)
  var week = RouteBWeek(settings, interval: interval, seed: seed)
  var problems: [String] = []
  let end = week.now + Milliseconds(days * 86_400_000)
  var greatest = Milliseconds(0)
  var wasLimited = false
  while week.now < end, problems.isEmpty {
    _ = week.run(week.randomTime(60_000...7_200_000))
    let fault = week.harm()
    wasLimited = wasLimited || fault == RouteBFault.airtimeLimit.rawValue
    _ = week.run(week.randomTime(1_000...2_400_000))
    week.heal()
    let healed = week.now
    let before = week.readings
    let isBack = week.run(wasLimited ? longestAfterLimit : longest) { $0.readings > before }
    greatest = max(greatest, week.now - healed)
    if !isBack { problems.append("stuck in \(week.session.phase) after \(fault): \(week.troubles)") }
    wasLimited = false
    problems += week.wrong.map { "\($0) is wrong after \(fault)" } + week.leaks.map { "a secret: \($0)" }
  }
  let counters = week.line.simulation.counters
  if counters["WOPT"] > 0 { problems.append("flash memory was written") }
  print(
    "B-route, seed \(seed), \(days) days: \(week.readings) readings, \(week.scheduled) scheduled, "
      + "\(week.faults.values.reduce(0, +)) faults of \(week.faults.count) kinds, \(counters["SKSCAN"]) scans, "
      + "\(counters.sessions) sessions, \(counters.renewals) renewals, \(week.letters) dead letters, "
      + "back after at most \(greatest.count / 1000) s")
  return (week, problems)
}

@Suite struct RouteBWeekTests {
  /// A day with every kind of dongle.
  @Test(arguments: [11, 12, 13] as [UInt64])
  func aDayWithFaultsLosesNothingForLong(seed: UInt64) {
    let (week, problems) = live(days: 1, seed: seed, interval: .minutes(1))
    #expect(problems == [])
    #expect(week.readings > 200 && week.scheduled > 10)
  }

  /// In a process of its own, whose memory nobody else uses.
  @Test func aWeekWithFaultsLosesNothingForLongAndNeedsNoMoreMemory() async {
    await #expect(processExitsWith: .success) {
      // Once for what grows only in the beginning.
      #expect(live(days: 1, seed: 20, interval: .minutes(2)).problems == [])
      let before = RouteBWeek.memory
      let (week, problems) = live(days: 7, seed: 21, interval: .minutes(2))
      #expect(problems == [])
      #expect(week.readings > 2000)
      #expect(RouteBWeek.memory - before < 4096)
    }
  }
}
