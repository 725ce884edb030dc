import Decoders
import Testing

@testable import Base
@testable import Meters

private let energy: [UInt8] = [0x04, 0x06, 0x88, 0x04, 0x00, 0x00]
private let volume: [UInt8] = [0x04, 0x14, 0xB3, 0x28, 0x00, 0x00]
private let more: [UInt8] = [0x1F]
private let secondary = MBusAddress.secondary([0x78, 0x56, 0x34, 0x12, 0xFF, 0xFF, 0xFF, 0xFF])

/// Readouts at 9600 baud on a bus of 2400.
@Suite struct MBusMasterSpeedTests {
  private static func bus(
    _ slaves: ScriptedSlave..., addresses: [MBusAddress]? = nil, interval: Milliseconds = .seconds(20)
  ) -> ScriptedBus {
    var fast = MBusPolling()
    fast.readoutBaud = 9600
    for slave in slaves { slave.baud = slave.baud ?? 2400 }
    return ScriptedBus(
      slaves,
      slaves.indices.map { place in
        MBusMaster.Slave(
          address: addresses?[place] ?? .primary(slaves[place].address), interval: interval,
          polling: place == 0 ? fast : MBusPolling())
      })
  }

  private static func told(_ bus: ScriptedBus) -> Int {
    bus.outputs.count { $0.output == .news(.keepsSpeed(meter: 0)) }
  }

  @Test("a meter is ordered to the speed of its readout and back, and the others keep theirs") func readout() {
    let fast = ScriptedSlave(address: 5, pages: [energy + more, volume])
    var bus = Self.bus(fast, ScriptedSlave(address: 6, pages: [energy]))
    bus.open()
    bus.run(.seconds(15))
    #expect(bus.requests.prefix(7) == ["40@2400", "bd@2400", "7b@9600", "5b@9600", "bb@9600", "40@2400", "7b@2400"])
    #expect(bus.readouts.map(\.frames.count).prefix(2) == [2, 1])
    #expect(fast.baud == 2400 && bus.baud == 2400 && bus.master.hasLeft)
    bus.run(.seconds(20))
    #expect(bus.readouts.count { $0.meter == 0 } == 2)
  }

  @Test("a meter whose readout is broken off by a reload is ordered back behind its answer", arguments: [false, true])
  func leaving(isAnswerLost: Bool) {
    let slave = ScriptedSlave(address: 5, pages: [energy + more, energy + more, volume])
    slave.losses = isAnswerLost ? 1 : 0
    var bus = Self.bus(slave)
    bus.open()
    for _ in 0..<500 where bus.requests.last != "7b@9600" { bus.run(10) }
    bus.master.leave(now: bus.now)
    #expect(!bus.master.hasLeft)
    for _ in 0..<500 where !bus.master.hasLeft { bus.run(10) }
    #expect(bus.requests == ["40@2400", "bd@2400", "7b@9600", "bb@9600"])
    #expect(slave.baud == 2400 && bus.baud == 2400 && bus.master.hasLeft)
  }

  @Test("a selected meter is deselected at the speed of the bus") func secondaryAddress() {
    let slave = ScriptedSlave(address: 0, pages: [energy])
    var bus = Self.bus(slave, addresses: [secondary])
    bus.open()
    bus.run(.seconds(15))
    #expect(bus.requests == ["52@2400", "bd@2400", "7b@9600", "bb@9600", "40@2400"])
    #expect(bus.readouts.count == 1 && slave.baud == 2400)
  }

  @Test("an order whose acknowledgement is lost counts by the answer that follows") func lostAcknowledgement() {
    let slave = ScriptedSlave(address: 5, pages: [energy])
    slave.unheardCommands = 1
    var bus = Self.bus(slave)
    bus.open()
    bus.run(.seconds(15))
    #expect(bus.requests == ["40@2400", "bd@2400", "7b@9600", "bb@9600"])
    #expect(bus.readouts.count == 1 && Self.told(bus) == 0)
  }

  @Test("a lost answer is asked for again at the same speed, with the same bit") func lostAnswer() {
    let (fast, usual) = (ScriptedSlave(address: 5, pages: [energy]), ScriptedSlave(address: 6, pages: [energy]))
    fast.losses = 2
    var bus = Self.bus(fast, usual)
    bus.open()
    bus.run(.seconds(15))
    #expect(bus.requests.prefix(6) == ["40@2400", "bd@2400", "7b@9600", "7b@9600", "7b@9600", "bb@9600"])
    #expect(bus.readouts.map(\.meter).prefix(2) == [0, 1])
  }

  @Test("a meter that does not obey is read at the speed of the bus, which is told once", arguments: [false, true])
  func disobedient(isSelected: Bool) {
    let slave = ScriptedSlave(address: 5, pages: [energy])
    slave.takesSpeeds = false
    var bus = Self.bus(slave, addresses: isSelected ? [secondary] : nil)
    bus.open()
    bus.run(.minutes(2))
    #expect(bus.readouts.count == 6 && bus.failures.isEmpty)
    #expect(Self.told(bus) == 1)
    #expect(bus.requests.count { $0.hasPrefix("bd") } == 1 && bus.baud == 2400)
    // Whoever opens the port again may have another meter there.
    bus.close()
    bus.open()
    bus.run(.seconds(10))
    #expect(bus.requests.count { $0.hasPrefix("bd") } == 2)
  }

  @Test("a port that does not change its speed reads at that of the bus, when the meter has fallen back")
  func stiffPort() {
    let slave = ScriptedSlave(address: 5, pages: [energy])
    var bus = Self.bus(slave)
    bus.takesSpeeds = false
    bus.open()
    bus.run(.seconds(30))
    #expect(bus.readouts.isEmpty && !bus.failures.isEmpty)
    slave.baud = 2400
    bus.run(.minutes(2))
    #expect(bus.readouts.count > 2)
    #expect(bus.requests.count { $0.hasPrefix("bd") } == 1)
  }

  @Test("a meter that was not heard to go back is found at the speed of its readouts", arguments: [false, true])
  func strayed(isSelected: Bool) {
    let slave = ScriptedSlave(address: 5, pages: [energy])
    slave.baud = 9600
    var bus = Self.bus(slave, addresses: isSelected ? [secondary] : nil)
    bus.open()
    bus.run(.seconds(115))
    #expect(bus.readouts.count > 3, "\(bus.requests)")
    #expect(slave.baud == 2400 && bus.baud == 2400)
    #expect(Self.told(bus) == 0)
  }

  @Test("a silent meter is looked for at both speeds, and the others are read") func silent() {
    let (fast, usual) = (ScriptedSlave(address: 5, pages: [energy]), ScriptedSlave(address: 6, pages: [energy]))
    fast.isSilent = true
    var bus = Self.bus(fast, usual)
    bus.open()
    bus.run(.minutes(5))
    #expect(bus.readouts.count { $0.meter == 1 } >= 14)
    // Only a meter that answers can be said to keep its speed.
    #expect(Self.told(bus) == 0)
    #expect(bus.requests.contains("bb@9600") && bus.baud == 2400)
    #expect(bus.failures.allSatisfy { $0.meter == 0 } && bus.failures.count > 3)
    fast.isSilent = false
    bus.run(.minutes(2))
    #expect(bus.requests.suffix(9).contains("7b@9600") && Self.told(bus) == 0, "\(bus.requests.suffix(20))")
  }
}
