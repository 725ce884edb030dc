import Decoders
import Glibc
import Testing

@testable import Base
@testable import MeterBridge
@testable import Meters
@testable import Platform

/// In a process of its own: the zone belongs to all threads.
@Test("the system's zone tells summer from standard time") func systemZone() async {
  await #expect(processExitsWith: .success) {
    unsafe setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1)
    tzset()
    let summer = try #require(MeterTime(year: 2026, month: 7, day: 1, hour: 12))
    let winter = try #require(MeterTime(year: 2026, month: 1, day: 1, hour: 12))
    #expect(HostZone.system.resolve(summer, .wall).offset == 120)
    #expect(HostZone.system.resolve(summer, .standard).offset == 60)
    #expect(HostZone.system.resolve(winter, .wall).offset == 60)
    let offset = Clock.wall().offset
    #expect(offset == 60 || offset == 120)
  }
}
