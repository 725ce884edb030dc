import Decoders
import Testing

@testable import Base
@testable import Meters

@Suite struct MBusScheduleTests {
  private static let interval = Milliseconds.minutes(1)

  /// The moments of a slave's readouts in an hour, each on the bus for a second.
  private static func moments(_ place: Int, interval: Milliseconds = Self.interval) -> [Instant] {
    var schedule = MBusSchedule(interval: interval, backsOff: nil, place: place)
    var now = Instant(milliseconds: 5000)
    schedule.opened(now: now)
    var moments: [Instant] = []
    while now < Instant(milliseconds: 3_605_000) {
      moments.append(now)
      schedule.started(now: now)
      schedule.succeeded(now: now + 1000)
      now = schedule.due
    }
    return moments
  }

  @Test("sixty slaves do not wait for the bus at once") func spread() {
    let slaves = (0..<60).map { Self.moments($0) }
    #expect(slaves.allSatisfy { $0[0] == Instant(milliseconds: 5000) })
    // The third round in slices of six seconds: six slaves each, give or take two.
    let round = slaves.map { $0[2].milliseconds % 60_000 / 6000 }
    for slice in 0..<10 as Range<Int64> {
      #expect((4...8).contains(round.count { $0 == slice }), "slice \(slice): \(round.count { $0 == slice })")
    }
  }

  @Test("those of one interval among others are spread too", arguments: [0, 7, 30]) func spreadInARow(first: Int) {
    let moments = (first..<first + 10).map { Self.moments($0)[2].milliseconds % 60_000 }.sorted()
    let gaps = zip(moments, moments.dropFirst()).map { $1 - $0 }
    #expect(gaps.allSatisfy { $0 >= 2000 && $0 <= 12_000 }, "\(gaps)")
  }

  @Test("each slave keeps its moment", arguments: [0, 1, 59]) func stable(place: Int) {
    let moments = Self.moments(place)
    for (one, next) in zip(moments.dropFirst(), moments.dropFirst(2)) { #expect(next - one == Self.interval) }
    // The first step to its own moment is at most half an interval longer or shorter.
    #expect((30_000...90_000).contains((moments[1] - moments[0]).count))
  }

  @Test("a readout on request does not move the moment") func onRequest() {
    var schedule = MBusSchedule(interval: Self.interval, backsOff: nil, place: 0)
    schedule.opened(now: .past)
    schedule.started(now: .past)
    schedule.succeeded(now: Instant(milliseconds: 400))
    #expect(schedule.due == Instant(milliseconds: 60_000))
    let isObeyed = schedule.pollSoon(now: Instant(milliseconds: 20_000))
    #expect(isObeyed)
    #expect(schedule.due == Instant(milliseconds: 20_000))
    schedule.started(now: Instant(milliseconds: 20_000))
    schedule.succeeded(now: Instant(milliseconds: 20_400))
    #expect(schedule.due == Instant(milliseconds: 60_000))
  }

  @Test("missed readouts are skipped") func missed() {
    var schedule = MBusSchedule(interval: Self.interval, backsOff: nil, place: 0)
    schedule.opened(now: .past)
    schedule.succeeded(now: Instant(milliseconds: 200_000))
    #expect(schedule.due == Instant(milliseconds: 200_000))
    schedule.succeeded(now: Instant(milliseconds: 200_500))
    #expect(schedule.due == Instant(milliseconds: 240_000))
  }

  @Test("a failed readout is tried again after a minute, or sooner") func failed() {
    for (interval, next) in [(Milliseconds.minutes(15), 60_000), (.seconds(10), 10_000)] {
      var schedule = MBusSchedule(interval: interval, backsOff: nil, place: 3)
      schedule.opened(now: .past)
      schedule.failed(pause: nil, now: Instant(milliseconds: 6000))
      #expect(schedule.due == Instant(milliseconds: Int64(next)))
    }
  }

  // MARK: Back-off

  /// The telegram of a heat or electricity meter with this energy in kWh, and temperatures that move.
  static func telegram(energy: UInt8, medium: UInt8 = 0x04, temperature: UInt8 = 0) throws -> Telegram {
    let header: [UInt8] = [0x78, 0x56, 0x34, 0x12, 0x2D, 0x2C, 0x01, medium, 1, 0, 0, 0]
    let records = [0x04, 0x06, energy, 0, 0, 0, 0x02, 0x59, temperature, 0x10, 0x02, 0x22, temperature, 0]
    let frame = MBusFrame.long(control: 0x08, address: 5, information: 0x72, data: header + records).bytes
    var decoder = MBusDecoder()
    var telegrams: [Telegram] = []
    try decoder.decode(frame.span, into: &telegrams)
    return telegrams[0]
  }

  /// The intervals in minutes after each readout with these energies.
  private static func intervals(
    _ energies: [UInt8], interval: Milliseconds? = nil, backsOff: Bool? = nil, medium: UInt8 = 0x04
  ) throws -> [Int64] {
    var schedule = MBusSchedule(interval: interval, backsOff: backsOff, place: 0)
    schedule.opened(now: .past)
    return try energies.enumerated().map { index, energy in
      schedule.heard(try telegram(energy: energy, medium: medium, temperature: UInt8(index)))
      schedule.succeeded(now: schedule.due)
      return schedule.interval.count / 60_000
    }
  }

  @Test("a meter on a battery is read less often while its totals stand still, and a move ends that")
  func backoff() throws {
    let still = [UInt8](repeating: 9, count: 12)
    #expect(try Self.intervals(still + [10, 10]) == [15, 15, 15, 15, 30, 30, 30, 30, 60, 60, 60, 60, 15, 15])
  }

  @Test("a configured interval holds unless back-off is wanted") func configured() throws {
    let still = [UInt8](repeating: 9, count: 9)
    #expect(try Self.intervals(still, interval: .minutes(2)) == [Int64](repeating: 2, count: 9))
    #expect(try Self.intervals(still, interval: .minutes(2), backsOff: true).suffix(5) == [4, 4, 4, 4, 8])
    #expect(try Self.intervals(still, backsOff: false) == [Int64](repeating: 15, count: 9))
  }

  @Test("a meter with mains is never read less often") func mains() throws {
    let still = [UInt8](repeating: 9, count: 12)
    let intervals = try Self.intervals(still, interval: .minutes(1), backsOff: true, medium: 0x02)
    #expect(intervals == [Int64](repeating: 1, count: 12))
  }

  @Test("a meter without a total never stands still") func withoutTotal() {
    var standstill = MBusStandstill()
    for _ in 0..<20 { standstill.ended() }
    #expect(standstill.factor == 1)
  }
}
