import Decoders
import Testing

@testable import Base
@testable import Meters

private let energy: [UInt8] = [0x04, 0x06, 0x88, 0x04, 0x00, 0x00]
private let identity: [UInt8] = [0x78, 0x56, 0x34, 0x12, 0x2D, 0x2C, 0x01, 0x04]
private let digitsOnly: [UInt8] = [0x78, 0x56, 0x34, 0x12, 0xFF, 0xFF, 0xFF, 0xFF]

@Suite struct MBusMasterAddressTests {
  private func bus(_ slaves: [ScriptedSlave], _ asked: [UInt8] = identity) -> ScriptedBus {
    ScriptedBus(slaves, [MBusMaster.Slave(address: .secondary(asked), interval: .minutes(1))])
  }

  @Test("a secondary address is selected, read and deselected", arguments: [identity, digitsOnly]) func selection(
    asked: [UInt8]
  ) {
    let slave = ScriptedSlave(address: 0, identity: identity, pages: [energy + [0x1F], energy])
    let other = ScriptedSlave(address: 0, identity: [0x77, 0x56, 0x34, 0x12, 0x2D, 0x2C, 0x01, 0x04], pages: [energy])
    var bus = bus([slave, other], asked)
    bus.open()
    bus.run(.seconds(5))
    #expect(bus.controls == [0x73, 0x7B, 0x5B, 0x40])
    #expect(bus.sent.allSatisfy { $0.bytes[$0.bytes[0] == 0x68 ? 5 : 2] == 0xFD })
    #expect(bus.sent.first?.bytes.count == 17)
    #expect(bus.readouts.map(\.frames.count) == [1 + 1])
    #expect(!slave.isSelected)
    #expect(bus.rejected.isEmpty)
  }

  @Test("the other control field is tried and remembered") func otherControlField() {
    let slave = ScriptedSlave(address: 0, identity: identity, pages: [energy])
    slave.takesSelectControl = [0x53]
    var bus = bus([slave])
    bus.open()
    bus.run(.seconds(70))
    #expect(bus.controls == [0x73, 0x53, 0x7B, 0x40, 0x53, 0x7B, 0x40])
    #expect(bus.readouts.count == 2)
  }

  @Test("retries within a selection keep the frame count bit") func retriesInSelection() {
    let slave = ScriptedSlave(address: 0, identity: identity, pages: [energy])
    slave.losses = 2
    var bus = bus([slave])
    bus.open()
    bus.run(.seconds(20))
    #expect(bus.controls == [0x73, 0x7B, 0x7B, 0x7B, 0x40])
    #expect(bus.readouts.count == 1)
  }

  @Test("two slaves that match are not taken for one") func twoMatches() {
    let one = ScriptedSlave(address: 0, identity: identity, pages: [energy])
    let two = ScriptedSlave(
      address: 0, identity: [0x78, 0x56, 0x34, 0x12, 0x93, 0x15, 0x07, 0x06], pages: [[0x04, 0x13, 9, 9, 9, 9]])
    var bus = bus([one, two], digitsOnly)
    bus.open()
    bus.run(.seconds(30))
    #expect(bus.readouts.isEmpty)
    #expect(bus.failures.map(\.tries) == [4])
    #expect(!bus.rejected.isEmpty)
    #expect(!one.isSelected && !two.isSelected)
  }

  @Test("more than one acknowledgement is a collision", arguments: [[0xE5, 0xE5], [0xE5, 0x37], [0xC1]] as [[UInt8]])
  func collision(
    answer: [UInt8]
  ) {
    var bus = bus([])
    bus.open()
    bus.run(100)
    bus.inject(answer)
    bus.run(.seconds(3))
    #expect(bus.rejected.count == 1)
    #expect(!bus.controls.contains(0x7B))
    bus.run(.seconds(30))
    #expect(bus.failures.map(\.tries) == [4])
  }

  @Test("an answer with another identity is rejected") func otherIdentity() {
    var bus = bus([])
    bus.open()
    bus.run(100)
    bus.inject([0xE5])
    bus.run(100)
    #expect(bus.controls == [0x73, 0x7B])
    let other: [UInt8] = [0x78, 0x56, 0x34, 0x12, 0x2D, 0x2C, 0x02, 0x04]
    bus.inject(
      MBusFrame.long(control: 8, address: 0, information: 0x72, data: other + [1, 0, 0, 0] + energy).bytes)
    bus.run(.seconds(1))
    #expect(bus.readouts.isEmpty)
    #expect(bus.rejected.first?.error == .otherMeter(asked: identity, found: other))
  }

  @Test("the test address accepts any slave") func testAddress() {
    var bus = ScriptedBus(
      [ScriptedSlave(address: 17, pages: [energy])], [.init(address: .primary(0xFE), interval: .minutes(1))])
    bus.open()
    bus.run(.seconds(2))
    #expect(bus.readouts.count == 1)
  }

  // MARK: Several on one bus

  @Test("a silent meter costs the others one of its timeouts") func silentMeter() {
    let silent = (1...10).map { ScriptedSlave(address: UInt8($0), pages: [energy]) }
    silent.forEach { $0.isSilent = true }
    let living = (20...22).map { ScriptedSlave(address: UInt8($0), pages: [energy]) }
    var bus = ScriptedBus(silent + living, interval: .seconds(15))
    bus.open()
    bus.run(.minutes(10))
    // One turn of a silent one: SND_NKE and REQ_UD2, 23 ms to send each, 1.5 s to wait, 14 ms of quiet.
    let turn = Int64(2 * (23 + 1500 + 14))
    let own = Int64(3 * 2 * (23 + 60 + 14 + 10))
    for meter in 10..<13 {
      let times = bus.readouts.filter { $0.meter == meter }.map(\.time)
      let gaps = zip(times.dropFirst(2), times.dropFirst()).map { ($0 - $1).count }
      #expect(gaps.count > 30)
      #expect(gaps.max() ?? 0 <= 15_000 + 2 * turn + own, "\(gaps)")
    }
    // Nor are the silent ones forgotten.
    #expect(Set(bus.failures.map(\.meter)) == Set(0..<10))
    for slave in silent { slave.isSilent = false }
    bus.run(.minutes(3))
    #expect(Set(bus.readouts.map(\.meter)) == Set(0..<13))
  }

  @Test("a crowded bus serves every meter") func crowdedBus() {
    let slaves = (1...40).map { ScriptedSlave(address: UInt8($0), pages: [energy]) }
    slaves[7].isSilent = true
    var bus = ScriptedBus(slaves, interval: .seconds(1))
    bus.open()
    bus.run(.minutes(10))
    let counts = (0..<40).filter { $0 != 7 }.map { meter in bus.readouts.count { $0.meter == meter } }
    #expect((counts.max() ?? 0) - (counts.min() ?? 0) <= 1)
    #expect(bus.failures.map(\.meter).contains(7))
  }
}
