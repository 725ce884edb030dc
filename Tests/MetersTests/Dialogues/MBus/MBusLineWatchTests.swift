import Testing

@testable import Base
@testable import Meters

private let energy: [UInt8] = [0x04, 0x06, 0x88, 0x04, 0x00, 0x00]

@Suite struct MBusLineWatchTests {
  private static func bus(_ count: Int, interval: Milliseconds = .minutes(15)) -> ScriptedBus {
    ScriptedBus((1...count).map { ScriptedSlave(address: UInt8($0), pages: [energy]) }, interval: interval)
  }

  private static func conditions(_ bus: ScriptedBus) -> [MBusCondition] {
    bus.outputs.compactMap { if case .news(.line(let condition)) = $0.output { condition } else { nil } }
  }

  @Test("an unplugged converter is one condition of the bus, and its return is another", arguments: [2, 3, 60])
  func unplugged(count: Int) {
    var bus = Self.bus(count)
    for slave in bus.slaves { slave.isSilent = true }
    bus.open()
    bus.run(.minutes(1))
    #expect(Self.conditions(bus) == [.silent])
    #expect(bus.master.bus?.condition == .silent)
    bus.run(.minutes(20))
    #expect(Self.conditions(bus) == [.silent])
    for slave in bus.slaves { slave.isSilent = false }
    bus.run(.seconds(30))
    #expect(Self.conditions(bus) == [.silent, .good])
    // Every meter is read at once and does not wait for its interval.
    #expect(Set(bus.readouts.map(\.meter)).count == count)
    #expect(bus.master.bus?.condition == .good && bus.master.bus?.missing == 0)
  }

  @Test("on a dead line nothing is repeated, and some meter is tried each few seconds") func probes() {
    var bus = Self.bus(60)
    for slave in bus.slaves { slave.isSilent = true }
    bus.open()
    bus.run(.minutes(2))
    let before = bus.sent.count
    bus.run(.minutes(10))
    let requests = bus.sent.dropFirst(before)
    #expect((120...420).contains(requests.count), "\(requests.count)")
    // SND_NKE and one request for data.
    let meters = requests.map { $0.bytes[2] }
    for meter in 1...60 as ClosedRange<UInt8> { #expect(meters.count { $0 == meter } >= 4) }
    #expect(bus.master.bus?.retries ?? .max < 60)
  }

  @Test("a short is told from silence") func short() {
    var bus = Self.bus(3)
    for slave in bus.slaves { slave.spoilt = .max }
    bus.open()
    bus.run(.minutes(2))
    #expect(Self.conditions(bus) == [.disturbed])
    #expect((bus.master.bus?.lineErrors ?? 0) > 8)
  }

  @Test(
    "a meter that answers keeps the line alive, whatever the others do",
    arguments: [Milliseconds.seconds(30), .minutes(15)])
  func oneAnswers(interval: Milliseconds) {
    var bus = Self.bus(20, interval: interval)
    for slave in bus.slaves.dropFirst() { slave.isSilent = true }
    bus.open()
    bus.run(.minutes(60))
    #expect(Self.conditions(bus).isEmpty)
    #expect(bus.master.bus?.missing == 19)
    #expect(bus.readouts.count >= 3600_000 / Int(interval.count) - 2)
  }

  @Test("a converter that is unplugged in operation is found out soon, also if meters are missing anyway")
  func unpluggedLater() {
    var bus = Self.bus(60)
    for slave in bus.slaves.suffix(20) { slave.isSilent = true }
    bus.open()
    bus.run(.minutes(40))
    #expect(Self.conditions(bus).isEmpty && bus.master.bus?.missing == 20)
    for slave in bus.slaves { slave.isSilent = true }
    bus.run(.minutes(3))
    #expect(Self.conditions(bus) == [.silent])
  }

  @Test("a meter alone on its bus is dead with its line when it was given up twice") func alone() {
    var bus = Self.bus(1)
    bus.slaves[0].isSilent = true
    bus.open()
    bus.run(.seconds(30))
    #expect(Self.conditions(bus).isEmpty && bus.failures.count == 1)
    bus.run(.minutes(30))
    #expect(Self.conditions(bus) == [.silent])
    // It is not asked more often than before.
    #expect((25...32).contains(bus.failures.count), "\(bus.failures.count)")
    bus.slaves[0].isSilent = false
    bus.run(.seconds(61))
    #expect(Self.conditions(bus) == [.silent, .good] && bus.readouts.count == 1)
  }

  @Test("requests, answers, retries and errors are counted, and a round has its time") func statistics() throws {
    var bus = Self.bus(3, interval: .seconds(20))
    bus.slaves[0].losses = 1
    bus.slaves[1].spoilt = 1
    bus.open()
    bus.run(.seconds(10))
    var expected = MBusStatistics(meters: 3)
    // Three resets, three requests and two repeats; all but those two were answered.
    expected.requests = 8
    expected.answers = 6
    expected.retries = 2
    expected.lineErrors = 1
    expected.round = try #require(bus.master.bus?.round)
    #expect(bus.master.bus == expected)
    #expect(bus.sent.count == 8)
    #expect((1500...5000).contains(expected.round?.count ?? 0), "\(expected.round ?? 0)")
  }
}
