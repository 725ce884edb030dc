import CLinux
import Glibc
import Testing

@testable import Base
@testable import MeterBridge
@testable import Platform

private func at(_ milliseconds: Int64) -> Instant { Instant(milliseconds: milliseconds) }

@Test("the watchdog is fed at its interval") func watchdogInterval() {
  var watchdog = Watchdog(interval: .seconds(30), start: at(0))
  let fed = [0, 1, 29_999, 30_000, 30_001, 60_000].map { watchdog.isFed(at: at($0), standing: [0, 0]) }
  #expect(fed == [true, false, false, true, false, true])
  #expect(watchdog.deadline == at(90_000))
}

@Test("a thread that hangs for minutes keeps the watchdog from being fed") func watchdogNotFedWhileAThreadHangs() {
  var watchdog = Watchdog(interval: .seconds(30), start: at(0))
  var fed = [watchdog.isFed(at: at(0), standing: [0, .minutes(4)])]
  fed.append(watchdog.isFed(at: at(30_000), standing: [0, .minutes(5)]))
  // It gets somewhere again before systemd loses its patience.
  fed.append(watchdog.isFed(at: at(60_000), standing: [0, 0]))
  #expect(fed == [true, false, true])
}

@Test("without a service manager there is no watchdog") func noWatchdog() {
  var watchdog = Watchdog(interval: nil, start: at(0))
  let isFed = watchdog.isFed(at: at(0), standing: [])
  #expect(!isFed && watchdog.deadline == nil)
}

@Test("other processes cannot read the memory of the daemon") func privateMemory() async {
  await #expect(processExitsWith: .success) {
    Privacy.begin()
    var limit = rlimit()
    unsafe getrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit)
    let isPrivate = prctl_get_dumpable() == 0 && limit.rlim_cur == 0 && limit.rlim_max == 0 && umask(0o077) == 0o077
    exit(isPrivate ? 0 : 1)
  }
}
