import Decoders
import Testing

@testable import Base
@testable import Meters
@testable import Simulator

@Suite struct CrowdedBusTests {
  private static func settings(_ slaves: Int) -> BusSettings {
    var settings = BusSettings()
    settings.slaves = slaves
    return settings
  }

  private static func addresses(_ slaves: [MBusSlave]) -> [String] { slaves.map(\.meter.identity.address) }

  @Test("a crowd has as many slaves as named, most of them at address 0", arguments: [1, 2, 60, 250])
  func crowd(count: Int) {
    let slaves = CrowdedBus(Self.settings(count), seed: 7).slaves
    #expect(slaves.count == count)
    #expect(Self.addresses(slaves) == Self.addresses(CrowdedBus(Self.settings(count), seed: 7).slaves))
    #expect(Self.addresses(slaves) != Self.addresses(CrowdedBus(Self.settings(count), seed: 8).slaves))
    guard count >= 60 else { return }
    #expect(slaves.count { $0.address == 0 } * 2 > count)
    let prefixes = Set(slaves.map { $0.meter.identity.serial.prefix(5) })
    #expect(prefixes.count * 3 < count, "serial numbers share their beginnings")
    let numbers = Set(slaves.map(\.meter.identity.serial))
    #expect(numbers.count == count - 2, "and three are equal")
    // Two need their fabrication numbers.
    #expect(Set(Self.addresses(slaves)).count == count - 1)
    let primaries = slaves.map(\.address).filter { $0 != 0 }
    #expect(Set(primaries).count < primaries.count || count < 100)
  }

  @Test("values stand still in some meters and grow in others")
  func battery() {
    var slaves = CrowdedBus(Self.settings(40), seed: 1).slaves
    let later = simulatedNoon.later(86_400)
    let still = slaves.indices.count { index in
      slaves[index].meter.records(at: simulatedNoon) == slaves[index].meter.records(at: later)
    }
    #expect((5...35).contains(still))
  }

  @Test("the whole crowd is a collision, and each slave can be selected")
  func selection() throws {
    var bus = BusSimulation(CrowdedBus(Self.settings(60), seed: 3).slaves)
    let moment = SimulatedMoment(now: Instant(milliseconds: 0), world: simulatedNoon)
    func ask(_ frame: MBusFrame) -> [UInt8] { bus.receive(frame.bytes, at: moment).flatMap(\.bytes) }
    func select(_ selection: [UInt8]) -> [UInt8] {
      ask(.long(control: 0x73, address: 253, information: 0x52, data: selection))
    }
    let all = select([UInt8](repeating: 0xFF, count: 8))
    #expect(!all.isEmpty && all != [0xE5])
    for slave in bus.slaves.dropLast(2) {
      #expect(select(slave.meter.identity.bytes) == [0xE5])
      let answer = ask(.short(control: 0x7B, address: 253))
      #expect(Array(answer.dropFirst(7).prefix(8)) == slave.meter.identity.bytes)
    }
    #expect(bus.requests.selections == 59 && bus.requests.readouts == 58)
  }

  @Test("disturbances come as often as they are ordered")
  func disturbances() {
    var bus = BusSimulation([MBusSlave(address: 1, SimulatedMULTICAL303(seed: 1))], seed: 5)
    let moment = SimulatedMoment(now: Instant(milliseconds: 0), world: simulatedNoon)
    func answers(_ count: Int) -> [[Transmission]] {
      (0..<count).map { _ in bus.receive(MBusFrame.short(control: 0x40, address: 1).bytes, at: moment) }
    }
    bus.disturbance.lost = 4
    #expect((150...350).contains(answers(1000).count(where: \.isEmpty)))
    bus.disturbance = BusDisturbance(late: 4)
    #expect((150...350).contains(answers(1000).count { $0[0].start > Instant(milliseconds: 400) }))
    bus.disturbance = BusDisturbance(noise: 10)
    // Six bytes, and each of them may be hit.
    #expect((370...570).contains(answers(1000).count { $0.flatMap(\.bytes) != [0xE5] }))
    bus.disturbance = BusDisturbance(echoes: true)
    #expect(answers(1)[0].flatMap(\.bytes) == [0x10, 0x40, 0x01, 0x41, 0x16, 0xE5])
  }

  @Test("slaves of another speed do not answer")
  func speed() {
    var settings = Self.settings(1)
    settings.baud = 300
    var bus = BusSimulation(CrowdedBus(settings, seed: 1).slaves, baud: 300)
    let moment = SimulatedMoment(now: Instant(milliseconds: 0), world: simulatedNoon)
    let request = MBusFrame.short(control: 0x40, address: 0xFE).bytes
    #expect(bus.receive(request, at: moment).flatMap(\.bytes) == [0xE5])
    bus.tuned(to: 2400)
    #expect(bus.receive(request, at: moment).isEmpty)
  }
}
